/* pack.h - an opened pack, as the files of model/ see it. */
#ifndef AWL_MODEL_PACK_H
#define AWL_MODEL_PACK_H

#include "model/format.h"

struct awl_pack {
    const char *strings;
    const struct awl_pack_service *services;
    const struct awl_pack_alias *aliases;
    const struct awl_shape *shapes;
    const struct awl_member *members;
    const struct awl_member_extra *member_extras;
    const struct awl_operation *operations;
    const uint32_t *words;
    const uint16_t *slots;
    uint32_t counts[AWL_PACK_SECTIONS];
    uint32_t data_version;
    uint32_t partitions;
    bool check_late; /* a service is checked when it is opened */
    void *mapped;    /* to be unmapped, or NULL */
    size_t mapped_len;
};

/* Bytes of one element of each section. */
extern const size_t awl_pack_element_sizes[AWL_PACK_SECTIONS];

/* The string at an offset; AWL_MODEL_NONE is the empty one. Lives as long as the pack. */
static inline awl_str awl_pack_str(const struct awl_pack *pack, uint32_t offset)
{
    uint16_t len;
    if (offset == AWL_MODEL_NONE)
        return (awl_str){"", 0};
    memcpy(&len, pack->strings + offset - sizeof(len), sizeof(len));
    return (awl_str){pack->strings + offset, len};
}

#define AWL_PACK_DAMAGED "damaged model pack"

/* Looks at every offset of the directory and, with `services`, of every record.
 * AWL_EPARSE when one leads astray. `what` begins the message. */
enum awl_rc awl_pack_check(const struct awl_pack *pack, bool services,
                           struct awl_error *err);
enum awl_rc awl_pack_check_service(const struct awl_pack *pack,
                                   const struct awl_pack_service *service,
                                   const char *what, struct awl_error *err);

/* Where the sections begin; none is NULL. */
void awl_pack_set_sections(struct awl_pack *pack,
                           const void *const sections[AWL_PACK_SECTIONS]);

#endif
