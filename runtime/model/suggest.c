#include "model/suggest.h"

#include <stdio.h>

#define NAME_SHOWN_MAX 60

void awl_suggest_init(struct awl_suggest *suggest, awl_str wanted)
{
    *suggest = (struct awl_suggest){.wanted = wanted};
}

/* How far a name may be off: one letter in three, and longer names that begin with
 * what was typed. */
static unsigned name_distance(awl_str wanted, awl_str name)
{
    unsigned distance = awl_str_distance(wanted, name);
    if (distance <= 1 + wanted.len / 4 && distance < wanted.len)
        return distance;
    if (wanted.len >= 3 && awl_str_starts_nocase(name, wanted))
        return (unsigned)(2 + wanted.len / 4);
    return UINT32_MAX;
}

void awl_suggest_offer(struct awl_suggest *suggest, awl_str name)
{
    unsigned distance = name_distance(suggest->wanted, name);
    unsigned at = suggest->count;
    for (unsigned i = 0; i < suggest->count; i++)
        if (awl_str_eq(suggest->names[i], name))
            return;
    while (at > 0 && suggest->distances[at - 1] > distance)
        at--;
    if (distance == UINT32_MAX || at == AWL_SUGGEST_MAX)
        return;
    if (suggest->count < AWL_SUGGEST_MAX)
        suggest->count++;
    for (unsigned i = suggest->count - 1; i > at; i--) {
        suggest->names[i] = suggest->names[i - 1];
        suggest->distances[i] = suggest->distances[i - 1];
    }
    suggest->names[at] = name;
    suggest->distances[at] = distance;
}

const char *awl_suggest_text(const struct awl_suggest *suggest,
                             char text[AWL_SUGGEST_TEXT_MAX])
{
    size_t len = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < suggest->count; i++) {
        const char *glue = i == 0                   ? "; did you mean "
                           : i + 1 < suggest->count ? ", "
                                                    : " or ";
        awl_str name = awl_str_slice(suggest->names[i], 0, NAME_SHOWN_MAX);
        int more = snprintf(text + len, AWL_SUGGEST_TEXT_MAX - len, "%s'%.*s'%s", glue,
                            STR_ARG(name), i + 1 == suggest->count ? "?" : "");
        len += more > 0 ? (size_t)more : 0;
    }
    return text;
}
