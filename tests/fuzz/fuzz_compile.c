/* The compiler of service models, on JSON from elsewhere: what it makes of it, the checks
 * of foreign packs accept, and all of it can be read. The first byte chooses the file
 * that the input is. */
#include <stdio.h>

#include "../unit/pack_walk.h"
#include "fuzz.h"
#include "model/compile.h"

#define PACK_MAX ((size_t)1 << 26)

static const struct awl_compile_input plain = {
    .name = STR("book-shelf"),
    .model = STR("{\"metadata\":{\"apiVersion\":\"1\",\"protocol\":\"json\"},"
                 "\"operations\":{\"List\":{\"name\":\"List\",\"http\":{\"method\":"
                 "\"POST\",\"requestUri\":\"/\"},\"output\":{\"shape\":\"Page\"}}},"
                 "\"shapes\":{\"Page\":{\"type\":\"structure\",\"members\":{\"Next\":"
                 "{\"shape\":\"Text\"}}},\"Text\":{\"type\":\"string\"}}}"),
    .partitions = STR("[{\"id\":\"aws\",\"regionRegex\":\"^eu\\\\-\\\\w+\\\\-\\\\d+$\","
                      "\"regions\":{},\"outputs\":{\"dnsSuffix\":\"amazonaws.com\"}}]"),
};

static void compile(const struct awl_compile_input *input)
{
    struct awl_buf bytes;
    awl_buf_init(&bytes, PACK_MAX);
    if (awl_compile_service(input, &bytes, NULL) == AWL_OK) {
        struct awl_error err = AWL_ERROR_INIT;
        struct awl_pack *pack = awl_pack_open(bytes.ptr, bytes.len, "fuzz", false, &err);
        if (pack == NULL)
            fprintf(stderr, "%s\n", err.message);
        require(pack != NULL);
        pack_walk(pack);
        awl_pack_free(pack);
    }
    awl_buf_release(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct awl_compile_input input = plain;
    awl_str *const files[] = {&input.model, &input.rules, &input.paginators,
                              &input.waiters, &input.partitions};
    awl_str text = awl_str_make((const char *)data, size);
    *files[take_byte(&text) % 5] = text;
    compile(&input);
    return 0;
}
