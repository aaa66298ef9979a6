/* pack_check.h - what the files that check a part of a pack share. */
#ifndef AWL_MODEL_PACK_CHECK_H
#define AWL_MODEL_PACK_CHECK_H

#include "model/pack.h"

/* A check goes on until something is wrong; then all further ones are false. */
struct awl_checker {
    const struct awl_part *part;
    const char *reason;         /* what is wrong, or NULL */
    unsigned char *expressions; /* a bit a word: has been checked as an expression */
    unsigned char *rules;       /* the same, as a rule */
};

/* Notes the reason unless `holds`. Returns whether all is well so far. */
bool awl_check(struct awl_checker *c, bool holds, const char *reason);

/* `count` words from `index` on are there. */
bool awl_check_words(struct awl_checker *c, uint32_t index, uint64_t count);

/* A string; with `optional`, or none. */
bool awl_check_string(struct awl_checker *c, uint32_t offset, bool optional);

/* `count` words from `index` on are there, and each is a string. */
bool awl_check_strings(struct awl_checker *c, uint32_t index, uint64_t count);

/* A string, boolean or list of strings. */
bool awl_check_constant(struct awl_checker *c, uint32_t expression);

/* An endpoint rule set, and a list of partitions or none: all that their words lead to.
 */
bool awl_check_rules(struct awl_checker *c, uint32_t rules);
bool awl_check_partitions(struct awl_checker *c, uint32_t list);

#endif
