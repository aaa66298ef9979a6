/* Event streams that are read or written whole, as lists. */
#include "wire/codec.h"
#include "wire/event_body.h"

#define PAYLOAD_MAX AWL_EVENT_PAYLOAD_MAX
#define FEED_BYTES ((size_t)64 << 10)

awl_str awl_event_initial_name(const struct awl_event_target *target)
{
    return target->input ? STR("initial-request") : STR("initial-response");
}

/* ---- reading ---- */

struct list_read {
    struct awl_reader *reader;
    const struct awl_event_target *target;
    struct awl_service_error error;
    int outer; /* stack indices: the table that has the list, the list */
    int list;
    lua_Integer count;
};

/* The fields of the table on top go to the outer one. */
static void merge_initial(struct list_read *r)
{
    lua_State *L = r->reader->L;
    int from = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, from) != 0;) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, r->outer);
    }
}

static enum awl_rc take_message(struct list_read *r,
                                const struct awl_event_message *message)
{
    struct awl_reader *reader = r->reader;
    lua_State *L = reader->L;
    enum awl_message_kind kind;
    int top = lua_gettop(L);
    enum awl_rc rc = awl_event_read(reader, r->target, message, &kind, &r->error);
    if (rc != AWL_OK)
        return rc;
    if (kind == AWL_MESSAGE_EVENT) {
        lua_rawseti(L, r->list, ++r->count);
    } else if (kind == AWL_MESSAGE_INITIAL) {
        merge_initial(r);
    } else if (kind == AWL_MESSAGE_ERROR) {
        rc = awl_reader_fail(reader, NULL, SIZE_MAX, "the stream ends with %.*s: %.*s",
                             STR_ARG(r->error.code), STR_ARG(r->error.message));
    }
    lua_settop(L, top);
    return rc;
}

static enum awl_rc take_frame(struct list_read *r,
                              const struct awl_event_message *message)
{
    if (!awl_event_is_signed(message))
        return take_message(r, message);
    /* A wrapper holds one frame, which is not wrapped again. */
    struct awl_event_decoder inner;
    struct awl_event_message wrapped;
    bool found = false;
    if (message->payload.len == 0)
        return AWL_OK;
    awl_event_decoder_init(&inner);
    enum awl_rc rc = awl_event_decoder_feed(&inner, message->payload.ptr,
                                            message->payload.len, r->reader->err);
    if (rc == AWL_OK)
        rc = awl_event_decoder_next(&inner, &wrapped, &found, r->reader->err);
    if (rc == AWL_OK && (!found || !awl_event_decoder_is_empty(&inner)))
        rc = awl_reader_fail(r->reader, NULL, SIZE_MAX,
                             "a signed message does not hold one message");
    if (rc == AWL_OK)
        rc = take_message(r, &wrapped);
    awl_event_decoder_release(&inner);
    return rc;
}

static enum awl_rc drain(struct list_read *r, struct awl_event_decoder *decoder)
{
    for (;;) {
        struct awl_event_message message;
        bool found = false;
        enum awl_rc rc =
            awl_event_decoder_next(decoder, &message, &found, r->reader->err);
        if (rc != AWL_OK || !found)
            return rc;
        rc = take_frame(r, &message);
        if (rc != AWL_OK)
            return rc;
    }
}

static enum awl_rc read_frames(struct list_read *r, awl_str bytes)
{
    struct awl_event_decoder decoder;
    enum awl_rc rc = AWL_OK;
    awl_event_decoder_init(&decoder);
    for (size_t at = 0; at < bytes.len && rc == AWL_OK; at += FEED_BYTES) {
        awl_str piece = awl_str_slice(bytes, at, at + FEED_BYTES);
        rc = awl_event_decoder_feed(&decoder, piece.ptr, piece.len, r->reader->err);
        if (rc == AWL_OK)
            rc = drain(r, &decoder);
    }
    if (rc == AWL_OK && !awl_event_decoder_is_empty(&decoder))
        rc = awl_reader_fail(r->reader, NULL, SIZE_MAX, "the last message is cut off");
    awl_event_decoder_release(&decoder);
    return rc;
}

enum awl_rc awl_events_read(struct awl_reader *reader,
                            const struct awl_event_target *target, awl_str body)
{
    lua_State *L = reader->L;
    struct list_read r = {.reader = reader, .target = target, .outer = lua_gettop(L)};
    if (!lua_checkstack(L, AWL_EVENT_SLOTS))
        return awl_reader_fail(reader, NULL, SIZE_MAX, "the Lua stack is full");
    awl_keys_push(reader->model, L, reader->keys, target->member);
    lua_newtable(L);
    r.list = lua_gettop(L);
    awl_service_error_init(&r.error);
    enum awl_rc rc = read_frames(&r, body);
    awl_service_error_release(&r.error);
    if (rc == AWL_OK)
        lua_rawset(L, r.outer);
    return rc;
}

enum awl_rc awl_events_check_initial(struct awl_reader *reader,
                                     const struct awl_event_target *target)
{
    const struct awl_member *members = awl_model_members(reader->model, target->outer);
    for (uint16_t i = 0; i < target->outer->member_count; i++) {
        struct awl_path path = {.member = &members[i]};
        if (!(members[i].flags & AWL_MEMBER_REQUIRED) || &members[i] == target->member)
            continue;
        awl_keys_push(reader->model, reader->L, reader->keys, &members[i]);
        bool there = lua_rawget(reader->L, -2) != LUA_TNIL;
        lua_pop(reader->L, 1);
        if (!there)
            return awl_reader_fail(reader, &path, SIZE_MAX, "required but missing");
    }
    return AWL_OK;
}

/* ---- writing ---- */

void awl_event_check_source(struct awl_walk *walk, const struct awl_event_target *target)
{
    struct awl_path path = {.member = target->member};
    int type = lua_type(walk->L, -1);
    if (type != LUA_TNIL && type != LUA_TTABLE && type != LUA_TFUNCTION &&
        type != LUA_TUSERDATA)
        awl_problems_add(&walk->problems, &path,
                         "expected a list of events or a function, got %s",
                         lua_typename(walk->L, type));
}

void awl_events_write(struct awl_walk *walk, const struct awl_event_target *target,
                      struct awl_buf *out)
{
    lua_State *L = walk->L;
    struct awl_path up = {.member = target->member};
    int list = lua_gettop(L);
    size_t count = lua_rawlen(L, list);
    if (!lua_checkstack(L, AWL_EVENT_SLOTS)) {
        awl_problems_add(&walk->problems, &up, "the Lua stack is full");
        return;
    }
    for (size_t i = 1; i <= count; i++) {
        struct awl_path path = {.up = &up, .index = i};
        lua_rawgeti(L, list, (lua_Integer)i);
        awl_event_write(walk, &path, target, out);
        lua_settop(L, list);
    }
}

static void write_initial(struct awl_walk *walk, int index,
                          const struct awl_event_target *target,
                          struct awl_presence present, struct awl_buf *out)
{
    struct awl_buf payload;
    struct awl_error err = AWL_ERROR_INIT;
    awl_presence_clear(
        &present,
        (unsigned)(target->member - awl_model_members(walk->model, target->outer)));
    awl_buf_init(&payload, PAYLOAD_MAX);
    awl_body_write_members(walk, NULL, target->outer, index, &present, AWL_ELSEWHERE_NONE,
                           &payload);
    const struct awl_event_header headers[] = {
        {.name = STR(":message-type"), .type = AWL_EVENT_STRING, .text = STR("event")},
        {.name = STR(":event-type"),
         .type = AWL_EVENT_STRING,
         .text = awl_event_initial_name(target)},
        {.name = STR(":content-type"),
         .type = AWL_EVENT_STRING,
         .text = awl_body_content_type(walk->wire->protocol)},
    };
    const struct awl_event_message message = {
        .headers = headers, .header_count = 3, .payload = awl_buf_str(&payload)};
    if (awl_buf_rc(&payload) != AWL_OK || awl_event_encode(out, &message, &err) != AWL_OK)
        awl_problems_add(&walk->problems, NULL, "more than a message may hold");
    awl_buf_release(&payload);
}

void awl_events_write_all(struct awl_walk *walk, int index,
                          const struct awl_event_target *target, bool tokens, bool list,
                          struct awl_buf *out)
{
    struct awl_presence present;
    if (!awl_walk_presence(walk, NULL, target->outer, index, tokens, &present))
        return;
    write_initial(walk, index, target, present, out);
    if (index == 0)
        return;
    awl_walk_push(walk, index, target->member);
    awl_event_check_source(walk, target);
    if (list && lua_istable(walk->L, -1))
        awl_events_write(walk, target, out);
    lua_pop(walk->L, 1);
}
