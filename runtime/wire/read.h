/* read.h - what the readers of bodies share. */
#ifndef AWL_WIRE_READ_H
#define AWL_WIRE_READ_H

#include "wire/bytes.h"
#include "wire/keys.h"
#include "wire/problem.h"
#include "wire/texts.h"
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

/* Members mostly come in the order of the last time. A guess is a place in wire->follow:
 * the shape's own at first, then that of the member found last. */
static inline uint16_t *awl_reader_first_guess(const struct awl_reader *reader,
                                               const struct awl_shape *shape)
{
    return &reader->wire->follow[shape - reader->model->shapes];
}

/* The member guessed, or NULL. */
static inline const struct awl_member *awl_reader_guess(const struct awl_reader *reader,
                                                        const struct awl_shape *shape,
                                                        const uint16_t *guess)
{
    return *guess > 0 ? &awl_model_members(reader->model, shape)[*guess - 1] : NULL;
}

/* Notes what came, and returns the next guess. */
static inline uint16_t *awl_reader_follow(const struct awl_reader *reader,
                                          const struct awl_shape *shape, uint16_t *guess,
                                          const struct awl_member *found)
{
    *guess = (uint16_t)(found - awl_model_members(reader->model, shape) + 1);
    return &reader->wire
                ->follow[reader->model->shape_count + (found - reader->model->members)];
}

/* The member of a structure by its name on the wire, or NULL. */
static inline const struct awl_member *awl_reader_member(const struct awl_reader *reader,
                                                         const struct awl_shape *shape,
                                                         uint16_t **guess, awl_str name)
{
    const struct awl_member *found = awl_reader_guess(reader, shape, *guess);
    if (found != NULL) {
        awl_str expected = awl_model_str(reader->model, found->wire_name);
        if (expected.len != name.len || !awl_same_bytes(expected.ptr, name.ptr, name.len))
            found = NULL;
    }
    if (found == NULL)
        found = awl_model_member_by_wire_name(reader->model, shape, name);
    if (found != NULL)
        *guess = awl_reader_follow(reader, shape, *guess, found);
    return found;
}

/* A union's member that no model knows: the table on top gets botocore's
 * SDK_UNKNOWN_MEMBER = { name = tag }. A "__type" is no member. */
void awl_reader_unknown_tag(struct awl_reader *reader, awl_str tag);

/* Fails unless the table on top, if it is a union's, has exactly one member. */
enum awl_rc awl_reader_check_union(struct awl_reader *reader, const struct awl_path *path,
                                   const struct awl_shape *shape, size_t at);

static inline void awl_reader_push_string(const struct awl_reader *reader,
                                          const struct awl_shape *shape, awl_str text)
{
    if (shape->flags & AWL_SHAPE_SENSITIVE)
        lua_pushlstring(reader->L, text.ptr, text.len);
    else
        awl_texts_push(reader->wire, reader->L, reader->keys, text);
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
