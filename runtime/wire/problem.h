/* problem.h - where in a value something is wrong, and all that is wrong with it.
 *
 * A path is a chain of frames on the C stack, from a value up to the outermost; it
 * becomes text only when there is something to say. Paths count from 1:
 * Tags[1].Key, Attributes["a b"].Value. */
#ifndef AWL_WIRE_PROBLEM_H
#define AWL_WIRE_PROBLEM_H

#include "base/buf.h"
#include "base/error.h"
#include "model/model.h"

#define AWL_PROBLEMS_MAX 20 /* more are counted, not told */

/* One step down: an index (from 1), else a map's key, else a member. */
struct awl_path {
    const struct awl_path *up; /* NULL: the outermost value */
    const struct awl_member *member;
    awl_str key;
    uint64_t index;
};

/* Text of a fixed size that is cut rather than fails. */
struct awl_note {
    char *ptr;
    size_t len;
    size_t cap;
};
void awl_note_add(struct awl_note *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void awl_note_add_path(struct awl_note *words, const struct awl_model *model,
                       const struct awl_path *path);

struct awl_problems {
    const struct awl_model *model;
    unsigned count;
    struct awl_note words;
    char text[1600]; /* leaves room in an awl_error for what goes before */
};

/* None yet. */
void awl_problems_init(struct awl_problems *problems, const struct awl_model *model);

/* "path: words"; without a path just the words. */
void awl_problems_add(struct awl_problems *problems, const struct awl_path *path,
                      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A name that the structure does not have, with the nearest that it has. */
void awl_problems_unknown(struct awl_problems *problems, const struct awl_path *path,
                          const struct awl_shape *shape, awl_str name);

/* AWL_OK when there are none, else AWL_EINPUT: "invalid <what> of s3:PutObject: ...".
 * `operation` may be NULL. */
enum awl_rc awl_problems_report(const struct awl_problems *problems, const char *what,
                                const struct awl_operation *operation,
                                struct awl_error *err);

#endif
