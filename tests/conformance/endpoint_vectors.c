/* endpoint_vectors DATA - runs the vectors of endpoint rules: those of AWS's
 * services over the embedded pack, and those of the rules' standard library over
 * rule sets of their own. Exits 1 on a failure. */
#include <stdio.h>
#include <stdlib.h>

#include "model/compile.h"
#include "model/embedded.h"
#include "model/endpoint.h"
#include "model/tree.h"
#include "vectors.h"

#define TREE_MAX ((size_t)256 << 20)
#define STRINGS_MAX 16

struct runner {
    struct vectors_suite suite;
    struct awl_arena arena;
    const char *folder;
    struct awl_model model;
    struct awl_endpoint endpoint;
    char name[256]; /* of the case */
    bool broken;    /* the case has failed */
};

static void runner_init(struct runner *r, const char *data, const char *suite)
{
    *r = (struct runner){.suite.name = suite, .folder = vectors_path(data, suite)};
    awl_arena_init(&r->arena, NULL, 0, TREE_MAX);
    awl_endpoint_init(&r->endpoint);
}

static unsigned runner_end(struct runner *r)
{
    vectors_report(&r->suite);
    awl_arena_release(&r->arena);
    awl_endpoint_release(&r->endpoint);
    return r->suite.failed;
}

static void case_fail(struct runner *r, const char *what, awl_str got, awl_str wanted)
{
    r->broken = true;
    vectors_fail(&r->suite, r->name, "%s: '%.*s' instead of '%.*s'", what, STR_ARG(got),
                 STR_ARG(wanted));
}

/* ---- parameters ---- */

static void value_of(const struct awl_tree *node, struct awl_endpoint_value *value,
                     awl_str strings[STRINGS_MAX])
{
    switch (node->type) {
    case AWL_TREE_STRING:
        value->type = AWL_ENDPOINT_STRING;
        value->string = node->text;
        break;
    case AWL_TREE_BOOLEAN:
        value->type = AWL_ENDPOINT_BOOLEAN;
        value->boolean = node->boolean;
        break;
    case AWL_TREE_ARRAY:
        value->type = AWL_ENDPOINT_STRING_ARRAY;
        value->strings = strings;
        for (const struct awl_tree *item = node->child;
             item != NULL && value->string_count < STRINGS_MAX; item = item->next)
            strings[value->string_count++] = awl_tree_text(item);
        break;
    default:
        break;
    }
}

static enum awl_rc case_resolve(struct runner *r, const struct awl_tree *params,
                                struct awl_error *err)
{
    struct awl_endpoint_value values[AWL_ENDPOINT_PARAMETERS_MAX] = {0};
    awl_str strings[STRINGS_MAX];
    for (const struct awl_tree *p = params != NULL ? params->child : NULL; p != NULL;
         p = p->next) {
        uint32_t index = awl_endpoint_parameter_find(&r->model, p->key);
        if (index == AWL_MODEL_NONE)
            case_fail(r, "parameter", p->key, STR("one of the rule set"));
        else
            value_of(p, &values[index], strings);
    }
    return awl_endpoint_resolve(&r->model, values, &r->endpoint, err);
}

/* ---- comparing ---- */

static void compare_properties(struct runner *r, const struct awl_tree *wanted)
{
    const struct awl_tree *got = awl_tree_parse(&r->arena, r->endpoint.properties, NULL);
    struct awl_tree empty = {.type = AWL_TREE_OBJECT};
    if (!awl_tree_equal(got, wanted != NULL ? wanted : &empty)) {
        struct awl_buf text;
        awl_buf_init(&text, 65536);
        awl_tree_write(&text, wanted);
        case_fail(r, "properties", r->endpoint.properties, awl_buf_str(&text));
        awl_buf_release(&text);
    }
}

static void compare_headers(struct runner *r, const struct awl_tree *wanted)
{
    size_t count = 0;
    for (const struct awl_tree *h = wanted != NULL ? wanted->child : NULL; h != NULL;
         h = h->next) {
        size_t at = 0;
        for (const struct awl_tree *v = h->child; v != NULL; v = v->next, count++) {
            at = awl_headers_find(&r->endpoint.headers, h->key, at);
            awl_str got =
                at != SIZE_MAX ? awl_headers_value(&r->endpoint.headers, at++) : STR("");
            if (!awl_str_eq(got, v->text))
                case_fail(r, "header", got, v->text);
        }
    }
    if (count != r->endpoint.headers.count)
        case_fail(r, "headers", STR("more"), STR("those expected"));
}

/* The scheme structures say the same as the JSON that was compared. */
static void compare_auth_schemes(struct runner *r, const struct awl_tree *wanted)
{
    const struct awl_tree *list = awl_tree_get(wanted, STR("authSchemes"));
    const struct awl_tree *item = list != NULL ? list->child : NULL;
    for (unsigned i = 0; i < r->endpoint.auth_scheme_count; i++) {
        const struct awl_auth_scheme *s = &r->endpoint.auth_schemes[i];
        awl_str name = awl_tree_text(awl_tree_get(item, STR("name")));
        awl_str signing = awl_tree_text(awl_tree_get(item, STR("signingName")));
        awl_str region = awl_tree_text(awl_tree_get(item, STR("signingRegion")));
        const struct awl_tree *set = awl_tree_get(item, STR("signingRegionSet"));
        if (set != NULL && set->count == 1)
            region = awl_tree_text(set->child);
        if (!awl_str_eq(s->name, name))
            case_fail(r, "auth scheme", s->name, name);
        if (!awl_str_eq(s->signing_name, signing))
            case_fail(r, "signing name", s->signing_name, signing);
        if (!awl_str_eq(s->signing_region, region))
            case_fail(r, "signing region", s->signing_region, region);
        if (s->disable_double_encoding !=
            awl_tree_true(awl_tree_get(item, STR("disableDoubleEncoding"))))
            case_fail(r, "double encoding", STR("other"), name);
        item = item != NULL ? item->next : NULL;
    }
    if (item != NULL)
        case_fail(r, "auth schemes", STR("fewer"), STR("those expected"));
}

static void case_compare(struct runner *r, const struct awl_tree *expect, enum awl_rc rc,
                         const struct awl_error *err)
{
    const struct awl_tree *error = awl_tree_get(expect, STR("error"));
    const struct awl_tree *endpoint = awl_tree_get(expect, STR("endpoint"));
    awl_str message = awl_str_of(err->message);
    if (error != NULL) {
        if (rc != AWL_ECONFIG || !awl_str_eq(message, error->text))
            case_fail(r, "error", rc == AWL_OK ? r->endpoint.url : message, error->text);
        return;
    }
    awl_str url = awl_tree_text(awl_tree_get(endpoint, STR("url")));
    if (rc != AWL_OK || !awl_str_eq(r->endpoint.url, url)) {
        case_fail(r, "url", rc == AWL_OK ? r->endpoint.url : message, url);
        return;
    }
    const struct awl_tree *properties = awl_tree_get(endpoint, STR("properties"));
    compare_properties(r, properties);
    compare_auth_schemes(r, properties);
    compare_headers(r, awl_tree_get(endpoint, STR("headers")));
    awl_str backend = awl_tree_text(awl_tree_get(properties, STR("backend")));
    if (!awl_str_eq(r->endpoint.backend, backend))
        case_fail(r, "backend", r->endpoint.backend, backend);
}

static void cases_run(struct runner *r, const char *label, const char *path)
{
    struct awl_error err = AWL_ERROR_INIT;
    awl_str bytes;
    const struct awl_tree *file = NULL;
    if (vectors_read(path, &bytes))
        file = awl_tree_parse(&r->arena, bytes, &err);
    const struct awl_tree *cases = awl_tree_get(file, STR("testCases"));
    if (cases == NULL) {
        vectors_fail(&r->suite, label, "cannot read '%s': %s", path, err.message);
        return;
    }
    for (const struct awl_tree *c = cases->child; c != NULL; c = c->next) {
        awl_str text = awl_tree_text(awl_tree_get(c, STR("documentation")));
        snprintf(r->name, sizeof(r->name), "%s: %.*s", label, STR_ARG(text));
        r->broken = false;
        struct awl_error why = AWL_ERROR_INIT;
        enum awl_rc rc = case_resolve(r, awl_tree_get(c, STR("params")), &why);
        case_compare(r, awl_tree_get(c, STR("expect")), rc, &why);
        if (!r->broken)
            vectors_pass(&r->suite);
    }
}

/* ---- the suites ---- */

static unsigned run_services(const char *data)
{
    struct runner r;
    struct awl_error err = AWL_ERROR_INIT;
    size_t len;
    runner_init(&r, data, "endpoints");
    const void *bytes = awl_embedded_pack(&len);
    struct awl_pack *pack = awl_pack_open(bytes, len, "embedded", true, &err);
    const char **names = vectors_list(r.folder);
    if (pack == NULL || names == NULL)
        vectors_fail(&r.suite, "start", "%s", pack == NULL ? err.message : "no data");
    for (; pack != NULL && names != NULL && *names != NULL; names++) {
        const char *path =
            vectors_path(vectors_path(r.folder, *names), "endpoint-tests-1.json");
        if (!vectors_exists(path))
            continue;
        if (awl_model_open(pack, awl_str_of(*names), &r.model, &err) != AWL_OK)
            vectors_fail(&r.suite, *names, "%s", err.message);
        else
            cases_run(&r, *names, path);
    }
    awl_pack_free(pack);
    return runner_end(&r);
}

/* Runs the cases of a rule set; where there are none, it need only load. */
static void run_rule_set(struct runner *r, const char *name, awl_str partitions)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_compile_input input = {
        .name = STR("test"),
        .model = STR("{\"metadata\":{\"protocol\":\"json\"}}"),
        .partitions = partitions,
    };
    struct awl_buf bytes;
    struct awl_pack *pack = NULL;
    const char *tests = vectors_path(vectors_path(r->folder, "test-cases"), name);
    awl_buf_init(&bytes, AWL_PACK_MAX);
    if (vectors_read(vectors_path(vectors_path(r->folder, "valid-rules"), name),
                     &input.rules) &&
        awl_compile_service(&input, &bytes, &err) == AWL_OK)
        pack = awl_pack_open(bytes.ptr, bytes.len, name, false, &err);
    if (pack == NULL || awl_model_open(pack, input.name, &r->model, &err) != AWL_OK)
        vectors_fail(&r->suite, name, "%s", err.message);
    else if (vectors_exists(tests))
        cases_run(r, name, tests);
    else
        vectors_pass(&r->suite);
    awl_pack_free(pack);
    awl_buf_release(&bytes);
}

static unsigned run_library(const char *data)
{
    struct runner r;
    awl_str bytes;
    runner_init(&r, data, "endpoints-stdlib");
    struct awl_buf partitions;
    awl_buf_init(&partitions, TREE_MAX);
    const char **names = vectors_list(vectors_path(r.folder, "valid-rules"));
    const char *path = vectors_path(vectors_path(data, "endpoints"), "partitions.json");
    const struct awl_tree *file =
        vectors_read(path, &bytes) ? awl_tree_parse(&r.arena, bytes, NULL) : NULL;
    if (file == NULL || names == NULL)
        vectors_fail(&r.suite, "start", "no data");
    awl_tree_write(&partitions, awl_tree_get(file, STR("partitions")));
    for (; file != NULL && names != NULL && *names != NULL; names++)
        run_rule_set(&r, *names, awl_buf_str(&partitions));
    awl_buf_release(&partitions);
    return runner_end(&r);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: endpoint_vectors DATA\n", stderr);
        return 2;
    }
    if (!vectors_exists(argv[1])) {
        printf("SKIPPED: there is no folder of test vectors at '%s'\n", argv[1]);
        return 0;
    }
    unsigned failed = 0;
    if (vectors_exists(vectors_path(argv[1], "endpoints")))
        failed += run_services(argv[1]);
    /* Its cases read the partitions of the other suite. */
    if (vectors_exists(vectors_path(argv[1], "endpoints-stdlib")) &&
        vectors_exists(vectors_path(argv[1], "endpoints/partitions.json")))
        failed += run_library(argv[1]);
    return failed > 0 ? 1 : 0;
}
