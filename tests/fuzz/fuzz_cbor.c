/* The CBOR scanner: every item is read, and passing over it ends at the same byte. */
#include "fuzz.h"
#include "wire/cbor_scanner.h"

#define TEXT_MAX ((size_t)1 << 20)
#define LEVELS_MAX 64

static bool read_item(struct awl_cbor *cbor, struct awl_buf *scratch, unsigned level);

static bool read_items(struct awl_cbor *cbor, struct awl_buf *scratch, unsigned level)
{
    struct awl_cbor head = *cbor;
    uint64_t per_item = head.token == AWL_CBOR_MAP ? 2 : 1;
    for (uint64_t taken = 0; awl_cbor_item(cbor, &head, taken); taken++) {
        for (uint64_t i = 0; i < per_item; i++) {
            if (i > 0)
                awl_cbor_next(cbor);
            if (!read_item(cbor, scratch, level + 1))
                return false;
        }
    }
    return cbor->token != AWL_CBOR_ERROR;
}

/* The item whose head is the current token. */
static bool read_item(struct awl_cbor *cbor, struct awl_buf *scratch, unsigned level)
{
    awl_str text;
    switch (cbor->token) {
    case AWL_CBOR_ERROR:
    case AWL_CBOR_BREAK:
        return false;
    case AWL_CBOR_BYTES:
    case AWL_CBOR_STRING:
        return awl_cbor_text(cbor, scratch, &text);
    case AWL_CBOR_ARRAY:
    case AWL_CBOR_MAP:
        return level < LEVELS_MAX && read_items(cbor, scratch, level);
    case AWL_CBOR_TAG:
        awl_cbor_next(cbor);
        return level < LEVELS_MAX && read_item(cbor, scratch, level + 1);
    default:
        return true;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct awl_cbor cbor, skipping;
    struct awl_buf scratch;
    awl_buf_init(&scratch, TEXT_MAX);
    awl_cbor_init(&cbor, awl_str_make((const char *)data, size));
    skipping = cbor;
    while (awl_cbor_next(&cbor) != AWL_CBOR_ERROR) {
        bool read = read_item(&cbor, &scratch, 0);
        awl_cbor_next(&skipping);
        bool skipped = awl_cbor_skip(&skipping);
        require(!read || (skipped && skipping.pos == cbor.pos));
        if (!read)
            break;
    }
    awl_buf_release(&scratch);
    return 0;
}
