/* pack.h - an opened pack, as the files of model/ see it. */
#ifndef AWL_MODEL_PACK_H
#define AWL_MODEL_PACK_H

#include "model/format.h"

/* A part of a pack: where its sections are. */
struct awl_part {
    const char *strings;
    const struct awl_pack_entry *entries;
    const struct awl_pack_alias *aliases;
    const struct awl_pack_service *service;
    const struct awl_shape *shapes;
    const struct awl_member *members;
    const struct awl_member_extra *member_extras;
    const struct awl_operation *operations;
    const uint32_t *words;
    const uint16_t *slots;
    uint32_t counts[AWL_PACK_SECTIONS];
};

struct awl_pack {
    const char *bytes;
    size_t len;
    struct awl_part directory;
    struct awl_part partitions;
    uint32_t partition_list; /* word index therein, or none */
    uint32_t data_version;   /* a string of the directory */
    bool check_late;         /* a service is checked when it is opened */
    void *mapped;            /* to be unmapped, or NULL */
};

/* Bytes of one element of each section. */
extern const size_t awl_pack_element_sizes[AWL_PACK_SECTIONS];

/* Where the sections begin (none is NULL), and of how many elements they are. */
void awl_part_init(struct awl_part *part, const void *const sections[AWL_PACK_SECTIONS],
                   const uint32_t counts[AWL_PACK_SECTIONS]);

/* The part of a service; AWL_EPARSE if it does not fit into the pack. */
enum awl_rc awl_pack_part(const struct awl_pack *pack, uint32_t index,
                          struct awl_part *part, struct awl_error *err);

static inline awl_str awl_part_str(const struct awl_part *part, uint32_t offset)
{
    return awl_strings_at(part->strings, offset);
}

#define AWL_PACK_DAMAGED "damaged model pack"

/* Looks at every offset of the directory and the partitions and, with `services`, of
 * every service. AWL_EPARSE when one leads astray. */
enum awl_rc awl_pack_check(const struct awl_pack *pack, bool services,
                           struct awl_error *err);
/* The same of one service. `what` begins the message. */
enum awl_rc awl_pack_check_service(const struct awl_part *part, const char *what,
                                   struct awl_error *err);

#endif
