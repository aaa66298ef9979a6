/* awl-models: makes and shows packs of service models. A tool of the build. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "model/archive.h"
#include "model/compile.h"
#include "model/model.h"
#include "model/source.h"

static const char usage[] =
    "usage: awl-models source BOTOCORE_DATA_DIR -o FILE[.xz]\n"
    "       awl-models build FILE[.xz] | BOTOCORE_DATA_DIR -o PACK\n"
    "       awl-models list PACK [SERVICE]\n"
    "       awl-models operations PACK\n";

static int fail(const struct awl_error *err)
{
    fprintf(stderr, "awl-models: %s\n", err->message);
    return 1;
}

static enum awl_rc source_load(const char *path, struct awl_buf *text,
                               struct awl_error *err)
{
    struct stat st;
    bool directory = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return directory ? awl_source_read(path, NULL, text, err)
                     : awl_archive_read(path, text, err);
}

static enum awl_rc source_save(const char *path, awl_str text, struct awl_error *err)
{
    if (!awl_str_ends(awl_str_of(path), STR(".xz")))
        return awl_archive_write(path, text, err);
    struct awl_buf packed;
    awl_buf_init(&packed, AWL_SOURCE_MAX);
    enum awl_rc rc = awl_archive_xz(text, &packed, err);
    if (rc == AWL_OK)
        rc = awl_archive_write(path, awl_buf_str(&packed), err);
    awl_buf_release(&packed);
    return rc;
}

static int command_source(const char *dir, const char *path)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf text;
    awl_buf_init(&text, AWL_SOURCE_MAX);
    enum awl_rc rc = awl_source_read(dir, NULL, &text, &err);
    if (rc == AWL_OK)
        rc = source_save(path, awl_buf_str(&text), &err);
    awl_buf_release(&text);
    return rc == AWL_OK ? 0 : fail(&err);
}

static void on_skipped(void *data, const char *reason)
{
    unsigned *skipped = data;
    fprintf(stderr, "awl-models: left out: %s\n", reason);
    ++*skipped;
}

static int command_build(const char *source, const char *path)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_buf text, pack;
    unsigned skipped = 0;
    awl_buf_init(&text, AWL_SOURCE_MAX);
    awl_buf_init(&pack, AWL_PACK_MAX);
    enum awl_rc rc = source_load(source, &text, &err);
    if (rc == AWL_OK)
        rc = awl_compile_source(awl_buf_str(&text), on_skipped, &skipped, &pack, &err);
    if (rc == AWL_OK)
        rc = awl_archive_write(path, awl_buf_str(&pack), &err);
    awl_buf_release(&text);
    awl_buf_release(&pack);
    return rc == AWL_OK ? 0 : fail(&err);
}

static void list_services(const struct awl_pack *pack)
{
    printf("%.*s, %u services\n", STR_ARG(awl_pack_data_version(pack)),
           awl_pack_service_count(pack));
    for (uint32_t i = 0; i < awl_pack_service_count(pack); i++) {
        struct awl_model model;
        if (awl_model_open(pack, awl_pack_service_name(pack, i), &model, NULL) != AWL_OK)
            continue;
        printf("%.*s %.*s %u operations, %u shapes\n", STR_ARG(model.name),
               STR_ARG(model.api_version), model.operation_count, model.shape_count);
    }
}

static void list_operations(const struct awl_model *model, const char *prefix)
{
    for (uint32_t i = 0; i < model->operation_count; i++) {
        const struct awl_operation *op = &model->operations[i];
        printf("%s%.*s %.*s\n", prefix, STR_ARG(awl_model_str(model, op->name)),
               STR_ARG(awl_model_str(model, op->method_name)));
    }
}

static void list_all_operations(const struct awl_pack *pack)
{
    for (uint32_t i = 0; i < awl_pack_service_count(pack); i++) {
        struct awl_model model;
        char prefix[128];
        awl_str name = awl_pack_service_name(pack, i);
        snprintf(prefix, sizeof(prefix), "%.*s ", STR_ARG(name));
        if (awl_model_open(pack, name, &model, NULL) == AWL_OK)
            list_operations(&model, prefix);
    }
}

static int command_list(const char *path, const char *service)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_model model;
    struct awl_pack *pack = awl_pack_open_file(path, &err);
    if (pack == NULL)
        return fail(&err);
    enum awl_rc rc = AWL_OK;
    if (service == NULL)
        list_services(pack);
    else if ((rc = awl_model_open(pack, awl_str_of(service), &model, &err)) == AWL_OK)
        list_operations(&model, "");
    awl_pack_free(pack);
    return rc == AWL_OK ? 0 : fail(&err);
}

static int command_operations(const char *path)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_pack *pack = awl_pack_open_file(path, &err);
    if (pack == NULL)
        return fail(&err);
    list_all_operations(pack);
    awl_pack_free(pack);
    return 0;
}

int main(int argc, char **argv)
{
    awl_str command = awl_str_of(argc > 1 ? argv[1] : NULL);
    bool output = argc == 5 && strcmp(argv[3], "-o") == 0;
    if (awl_str_eq(command, STR("source")) && output)
        return command_source(argv[2], argv[4]);
    if (awl_str_eq(command, STR("build")) && output)
        return command_build(argv[2], argv[4]);
    if (awl_str_eq(command, STR("list")) && (argc == 3 || argc == 4))
        return command_list(argv[2], argc == 4 ? argv[3] : NULL);
    if (awl_str_eq(command, STR("operations")) && argc == 3)
        return command_operations(argv[2]);
    fputs(usage, stderr);
    return 2;
}
