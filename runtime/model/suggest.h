/* suggest.h - "did you mean": the names nearest to one that does not exist. */
#ifndef AWL_MODEL_SUGGEST_H
#define AWL_MODEL_SUGGEST_H

#include "base/str.h"

#define AWL_SUGGEST_MAX 3

struct awl_suggest {
    awl_str wanted;
    awl_str names[AWL_SUGGEST_MAX]; /* nearest first */
    unsigned distances[AWL_SUGGEST_MAX];
    unsigned count;
};

/* `wanted` must live as long. */
void awl_suggest_init(struct awl_suggest *suggest, awl_str wanted);

/* Offers a name, which must live as long as the suggestions. */
void awl_suggest_offer(struct awl_suggest *suggest, awl_str name);

#define AWL_SUGGEST_TEXT_MAX 256

/* "; did you mean 'a', 'b' or 'c'?", or "" when nothing is near. Returns `text`. */
const char *awl_suggest_text(const struct awl_suggest *suggest,
                             char text[AWL_SUGGEST_TEXT_MAX]);

#endif
