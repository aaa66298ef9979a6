/* writer.h - what a protocol's body writer offers to the walk over a value.
 *
 * The walk (walk.h) visits a Lua value and a shape together and calls a writer's
 * functions in the order of the document. `through` is the member by which a value
 * was reached (a structure's member, a list's element, a map's value), NULL for the
 * outermost. What a begin function returns is handed to its end function. Writers
 * never fail: their buffers remember it. */
#ifndef AWL_WIRE_WRITER_H
#define AWL_WIRE_WRITER_H

#include <lua.h>

#include "base/buf.h"
#include "model/model.h"
#include "wire/values.h"

struct awl_problems;
struct awl_path;
struct awl_writer;

struct awl_writer_ops {
    size_t (*member)(struct awl_writer *w, const struct awl_member *member);
    void (*member_end)(struct awl_writer *w, const struct awl_member *member,
                       size_t mark);

    void (*structure)(struct awl_writer *w, const struct awl_member *through,
                      size_t count);
    void (*structure_end)(struct awl_writer *w);

    size_t (*list)(struct awl_writer *w, const struct awl_member *through,
                   const struct awl_shape *shape, size_t count);
    void (*list_end)(struct awl_writer *w, size_t mark);
    size_t (*element)(struct awl_writer *w, const struct awl_member *through,
                      const struct awl_shape *shape, size_t index);
    void (*element_end)(struct awl_writer *w, const struct awl_member *through,
                        const struct awl_shape *shape, size_t mark);

    void (*map)(struct awl_writer *w, const struct awl_member *through, size_t count);
    void (*map_end)(struct awl_writer *w);
    size_t (*entry)(struct awl_writer *w, const struct awl_member *through,
                    const struct awl_shape *shape, size_t index, awl_str key);
    void (*entry_end)(struct awl_writer *w, const struct awl_member *through,
                      const struct awl_shape *shape, size_t mark);

    void (*null)(struct awl_writer *w);
    void (*boolean)(struct awl_writer *w, bool value);
    void (*integer)(struct awl_writer *w, int64_t value);
    void (*real)(struct awl_writer *w, double value, bool is_float);
    void (*string)(struct awl_writer *w, awl_str value);
    void (*blob)(struct awl_writer *w, awl_str value);
    void (*timestamp)(struct awl_writer *w, const struct awl_member *through,
                      const struct awl_shape *shape, struct awl_timestamp time);
    /* The value on top of the Lua stack. NULL where a protocol has no documents. */
    void (*document)(struct awl_writer *w, lua_State *L, const struct awl_path *path,
                     struct awl_problems *problems);
};

struct awl_writer {
    const struct awl_writer_ops *ops;
    const struct awl_model *model;
    struct awl_buf *out;
    /* Written while an XML start tag is still open: attributes come first. */
    bool attributes;
};

/* The format that counts: the member's, else the shape's, else `fallback`. */
static inline enum awl_timestamp_format
awl_writer_timestamp_format(const struct awl_member *through,
                            const struct awl_shape *shape,
                            enum awl_timestamp_format fallback)
{
    unsigned format = through != NULL ? through->timestamp_format : AWL_TIMESTAMP_DEFAULT;
    if (format == AWL_TIMESTAMP_DEFAULT)
        format = shape->timestamp_format;
    return format != AWL_TIMESTAMP_DEFAULT ? (enum awl_timestamp_format)format : fallback;
}

#endif
