/* One event to its frame. */
#include <lauxlib.h>

#include "wire/codec.h"
#include "wire/event_body.h"

#define HEADERS_MAX 64 /* of an event, three of them not its own */
#define FRAME_MAX (AWL_EVENT_PAYLOAD_MAX + AWL_EVENT_HEADER_BYTES_MAX)

bool awl_event_has_body(const struct awl_model *model, const struct awl_shape *shape)
{
    const struct awl_member *members = awl_model_members(model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++)
        if (!(members[i].flags & AWL_MEMBER_EVENT_HEADER))
            return true;
    return false;
}

/* ---- members in headers: a writer that takes one scalar ---- */

struct header_writer {
    struct awl_writer base;
    struct awl_event_header *header;
};

static void put_boolean(struct awl_writer *w, bool value)
{
    ((struct header_writer *)w)->header->type = value ? AWL_EVENT_TRUE : AWL_EVENT_FALSE;
}

static void put_integer(struct awl_writer *w, int64_t value)
{
    ((struct header_writer *)w)->header->integer = value;
}

static void put_text(struct awl_writer *w, awl_str value)
{
    ((struct header_writer *)w)->header->text = value;
}

static void put_timestamp(struct awl_writer *w, const struct awl_member *through,
                          const struct awl_shape *shape, struct awl_timestamp time)
{
    (void)through, (void)shape;
    put_integer(w, time.seconds * 1000 + time.nanoseconds / 1000000);
}

static const struct awl_writer_ops header_ops = {
    .boolean = put_boolean,
    .integer = put_integer,
    .string = put_text,
    .blob = put_text,
    .timestamp = put_timestamp,
};

/* False for a shape that no header can hold. */
static bool header_type(const struct awl_shape *shape, enum awl_event_type *type)
{
    switch ((enum awl_shape_type)shape->type) {
    case AWL_SHAPE_BOOLEAN:
        *type = AWL_EVENT_TRUE;
        return true;
    case AWL_SHAPE_INTEGER:
        *type = shape->flags & AWL_SHAPE_BYTE    ? AWL_EVENT_BYTE
                : shape->flags & AWL_SHAPE_SHORT ? AWL_EVENT_INT16
                                                 : AWL_EVENT_INT32;
        return true;
    case AWL_SHAPE_LONG:
        *type = AWL_EVENT_INT64;
        return true;
    case AWL_SHAPE_BLOB:
        *type = AWL_EVENT_BYTES;
        return true;
    case AWL_SHAPE_STRING:
        *type = AWL_EVENT_STRING;
        return true;
    case AWL_SHAPE_TIMESTAMP:
        *type = AWL_EVENT_TIMESTAMP;
        return true;
    default:
        return false;
    }
}

struct frame {
    struct awl_event_header headers[HEADERS_MAX];
    size_t header_count;
    struct awl_buf payload;
};

static void add_text_header(struct frame *frame, awl_str name, awl_str text)
{
    frame->headers[frame->header_count++] =
        (struct awl_event_header){.name = name, .type = AWL_EVENT_STRING, .text = text};
}

/* Texts stay in the event's table, which is on the stack. */
static void write_header(struct awl_walk *walk, const struct awl_path *up, int index,
                         const struct awl_member *member, struct frame *frame)
{
    const struct awl_shape *shape = awl_model_shape(walk->model, member->shape);
    struct awl_path path = {.up = up, .member = member};
    struct awl_event_header *header = &frame->headers[frame->header_count];
    struct header_writer writer = {.base = {.ops = &header_ops, .model = walk->model},
                                   .header = header};
    if (frame->header_count == HEADERS_MAX) {
        awl_problems_add(&walk->problems, &path, "more headers than a message may have");
        return;
    }
    *header =
        (struct awl_event_header){.name = awl_model_str(walk->model, member->wire_name)};
    if (!header_type(shape, &header->type)) {
        awl_problems_add(&walk->problems, &path, "cannot stand in a header");
        return;
    }
    frame->header_count++;
    walk->writer = &writer.base;
    awl_walk_push(walk, index, member);
    awl_walk_value(walk, &path, member, shape);
    lua_pop(walk->L, 1);
    walk->writer = NULL;
}

/* ---- the payload ---- */

static bool take_raw(struct awl_walk *walk, const struct awl_path *path,
                     struct awl_buf *out)
{
    size_t len;
    if (lua_type(walk->L, -1) != LUA_TSTRING) {
        awl_problems_add(&walk->problems, path, "expected string, got %s",
                         luaL_typename(walk->L, -1));
        return false;
    }
    const char *bytes = lua_tolstring(walk->L, -1, &len);
    awl_buf_append(out, bytes, len);
    return true;
}

static void write_payload_member(struct awl_walk *walk, const struct awl_path *up,
                                 int index, const struct awl_member *member,
                                 struct frame *frame)
{
    const struct awl_shape *shape = awl_model_shape(walk->model, member->shape);
    struct awl_path path = {.up = up, .member = member};
    awl_str type = awl_body_content_type(walk->wire->protocol);
    awl_walk_push(walk, index, member);
    if (shape->type == AWL_SHAPE_BLOB || shape->type == AWL_SHAPE_STRING) {
        type = shape->type == AWL_SHAPE_BLOB ? STR("application/octet-stream")
                                             : STR("text/plain");
        take_raw(walk, &path, &frame->payload);
    } else {
        awl_body_write_payload(walk, &path, member, &frame->payload);
    }
    lua_pop(walk->L, 1);
    add_text_header(frame, STR(":content-type"), type);
}

/* All members that are not in headers. */
static void write_body(struct awl_walk *walk, const struct awl_path *path, int index,
                       const struct awl_shape *shape, struct awl_presence present,
                       struct frame *frame)
{
    const struct awl_member *members = awl_model_members(walk->model, shape);
    struct awl_body_root root = {.path = path,
                                 .name = awl_model_str(walk->model, shape->name),
                                 .uri = AWL_MODEL_NONE,
                                 .prefix = AWL_MODEL_NONE};
    for (unsigned i = 0; i < shape->member_count; i++)
        if (members[i].flags & AWL_MEMBER_EVENT_HEADER)
            awl_presence_clear(&present, i);
    awl_body_write_members(walk, &root, shape, index, &present, AWL_ELSEWHERE_NONE,
                           &frame->payload);
    add_text_header(frame, STR(":content-type"),
                    awl_body_content_type(walk->wire->protocol));
}

static void write_structure(struct awl_walk *walk, const struct awl_path *path,
                            const struct awl_shape *shape, struct frame *frame)
{
    const struct awl_member *members = awl_model_members(walk->model, shape);
    int index = lua_gettop(walk->L);
    struct awl_presence present;
    if (!awl_walk_presence(walk, path, shape, index, false, &present))
        return;
    unsigned payload = shape->event_payload - 1u;
    if (shape->event_payload > 0 && awl_presence_has(&present, payload))
        write_payload_member(walk, path, index, &members[payload], frame);
    else if (shape->event_payload == 0 && awl_event_has_body(walk->model, shape))
        write_body(walk, path, index, shape, present, frame);
    for (unsigned i = awl_presence_next(&present, 0); i < shape->member_count;
         i = awl_presence_next(&present, i + 1))
        if (members[i].flags & AWL_MEMBER_EVENT_HEADER)
            write_header(walk, path, index, &members[i], frame);
}

/* ---- the frame ---- */

static void add_type_headers(const struct awl_walk *walk, const struct awl_member *member,
                             const struct awl_shape *shape, struct frame *frame)
{
    bool exception = (shape->flags & AWL_SHAPE_EXCEPTION) != 0;
    add_text_header(frame, STR(":message-type"),
                    exception ? STR("exception") : STR("event"));
    add_text_header(frame, exception ? STR(":exception-type") : STR(":event-type"),
                    awl_model_str(walk->model, member->wire_name));
}

static void encode(struct awl_walk *walk, const struct awl_path *path,
                   const struct frame *frame, struct awl_buf *out)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_event_message message = {
        .headers = frame->headers,
        .header_count = frame->header_count,
        .payload = awl_buf_str(&frame->payload),
    };
    if (walk->problems.count == 0 && awl_buf_rc(&frame->payload) == AWL_OK &&
        awl_event_encode(out, &message, &err) == AWL_OK)
        return;
    if (walk->problems.count == 0)
        awl_problems_add(&walk->problems, path, "%s",
                         err.message[0] != '\0' ? err.message
                                                : "more than a message may hold");
}

static void write_member(struct awl_walk *walk, const struct awl_path *up, int index,
                         const struct awl_member *member, struct awl_buf *out)
{
    const struct awl_shape *shape = awl_model_shape(walk->model, member->shape);
    struct awl_path path = {.up = up, .member = member};
    struct frame frame;
    frame.header_count = 0;
    awl_buf_init(&frame.payload, FRAME_MAX);
    add_type_headers(walk, member, shape, &frame);
    awl_walk_push(walk, index, member);
    write_structure(walk, &path, shape, &frame);
    lua_pop(walk->L, 1);
    encode(walk, &path, &frame, out);
    awl_buf_release(&frame.payload);
}

void awl_event_write(struct awl_walk *walk, const struct awl_path *path,
                     const struct awl_event_target *target, struct awl_buf *out)
{
    struct awl_presence present;
    int index = lua_gettop(walk->L);
    if (!awl_walk_presence(walk, path, target->stream, index, false, &present))
        return;
    if (present.count == 1)
        write_member(walk, path, index,
                     &awl_model_members(walk->model,
                                        target->stream)[awl_presence_next(&present, 0)],
                     out);
    else if (walk->problems.count == 0)
        awl_problems_add(&walk->problems, path,
                         "expected a table of one event, got %u of them", present.count);
}

enum awl_rc awl_wire_write_event(struct awl_wire *wire, lua_State *L, int index,
                                 const struct awl_event_target *target,
                                 struct awl_buf *out, struct awl_error *err)
{
    struct awl_walk walk;
    if (!lua_checkstack(L, AWL_EVENT_SLOTS))
        return awl_error_set(err, AWL_ELIMIT, "the Lua stack is full");
    int top = lua_gettop(L);
    index = lua_absindex(L, index);
    awl_walk_init(&walk, wire, L, NULL);
    lua_pushvalue(L, index);
    awl_event_write(&walk, NULL, target, out);
    lua_settop(L, top);
    return awl_problems_report(&walk.problems, "event", target->operation, err);
}
