/* read.h - what the readers of bodies share. */
#ifndef AWL_WIRE_READ_H
#define AWL_WIRE_READ_H

#include "wire/keys.h"
#include "wire/problem.h"
#include "wire/walk.h"

/* Lua stack slots a level of a reader takes at most. */
#define AWL_READ_SLOTS 8

struct awl_reader {
    struct awl_wire *wire;
    lua_State *L;
    const struct awl_model *model;
    int keys; /* stack index of the key table */
    unsigned depth;
    struct awl_error *err;
};

/* Pushes the key table, which stays on the stack. */
void awl_reader_init(struct awl_reader *reader, struct awl_wire *wire, lua_State *L,
                     struct awl_error *err);

/* "path: words, at byte n" into the error; SIZE_MAX for no byte. Returns AWL_EPARSE. */
enum awl_rc awl_reader_fail(struct awl_reader *reader, const struct awl_path *path,
                            size_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* One level down; fails at the limit. Up again by reader->depth--. */
enum awl_rc awl_reader_deeper(struct awl_reader *reader, const struct awl_path *path,
                              size_t at);

/* What the last value of a shape held: the sizes of the next one's table. */
static inline int awl_reader_presize(const struct awl_reader *reader,
                                     const struct awl_shape *shape)
{
    return (int)reader->wire->presize[shape - reader->model->shapes];
}

#define AWL_PRESIZE_MAX 64 /* one list of 1,000 must not presize the next thousand */

static inline void awl_reader_note_size(struct awl_reader *reader,
                                        const struct awl_shape *shape, size_t count)
{
    reader->wire->presize[shape - reader->model->shapes] =
        (uint32_t)(count < AWL_PRESIZE_MAX ? count : AWL_PRESIZE_MAX);
}

/* The member of a structure by its name on the wire, trying the one that usually
 * follows first. `guess` is an index that the caller starts at 0. */
static inline const struct awl_member *awl_reader_member(const struct awl_reader *reader,
                                                         const struct awl_shape *shape,
                                                         unsigned *guess, awl_str name)
{
    const struct awl_member *members = awl_model_members(reader->model, shape);
    const struct awl_member *found = NULL;
    if (*guess < shape->member_count &&
        awl_str_eq(awl_model_str(reader->model, members[*guess].wire_name), name))
        found = &members[*guess];
    else
        found = awl_model_member_by_wire_name(reader->model, shape, name);
    if (found != NULL)
        *guess = (unsigned)(found - members) + 1;
    return found;
}

/* Pushes the value of a scalar shape from plain text, as XML, forms, headers, labels
 * and query strings have it. */
enum awl_rc awl_reader_push_text(struct awl_reader *reader, const struct awl_path *path,
                                 const struct awl_shape *shape, awl_str text, size_t at);

/* ---- bodies by protocol: each pushes one value, or fails with the stack as it was ----
 */

enum awl_rc awl_json_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body);

enum awl_rc awl_cbor_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body);

/* `wrapper` is the element within the root that holds the value; if it is "" or not
 * there, the root does. */
enum awl_rc awl_xml_read(struct awl_reader *reader, const struct awl_shape *shape,
                         awl_str body, awl_str wrapper);

/* The same from the element that a scanner has just opened. */
struct awl_xml;
enum awl_rc awl_xml_read_element(struct awl_reader *reader, const struct awl_shape *shape,
                                 const struct awl_xml *xml);

#endif
