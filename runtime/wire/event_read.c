/* One message of an event stream to a Lua value. */
#include <lauxlib.h>

#include "wire/codec.h"
#include "wire/event_body.h"

#define UNNAMED_ERROR "EventStreamError"

bool awl_event_target(const struct awl_model *model,
                      const struct awl_operation *operation, bool input,
                      struct awl_event_target *target)
{
    const struct awl_shape *outer =
        awl_codec_shape(model, input ? operation->input : operation->output);
    if (!(operation->flags &
          (input ? AWL_OPERATION_EVENT_INPUT : AWL_OPERATION_EVENT_OUTPUT)))
        return false;
    const struct awl_member *members = awl_model_members(model, outer);
    for (uint16_t i = 0; i < outer->member_count; i++) {
        const struct awl_shape *stream = awl_model_shape(model, members[i].shape);
        if (!(stream->flags & AWL_SHAPE_EVENT_STREAM))
            continue;
        *target = (struct awl_event_target){operation, outer, &members[i], stream, input};
        return true;
    }
    return false;
}

bool awl_event_is_signed(const struct awl_event_message *message)
{
    return awl_event_header(message, STR(":chunk-signature")) != NULL;
}

/* ---- headers ---- */

/* The text of a header that must be there. */
static enum awl_rc header_text(struct awl_reader *reader,
                               const struct awl_event_message *message, awl_str name,
                               awl_str *text)
{
    const struct awl_event_header *header = awl_event_header(message, name);
    if (header == NULL)
        return awl_reader_fail(reader, NULL, SIZE_MAX, "a message without '%.*s'",
                               STR_ARG(name));
    if (header->type != AWL_EVENT_STRING)
        return awl_reader_fail(reader, NULL, SIZE_MAX, "'%.*s' is not a string",
                               STR_ARG(name));
    *text = header->text;
    return AWL_OK;
}

static bool push_bytes(lua_State *L, const struct awl_event_header *header,
                       bool is_string)
{
    if (header->type != AWL_EVENT_STRING &&
        (is_string ||
         (header->type != AWL_EVENT_BYTES && header->type != AWL_EVENT_UUID)))
        return false;
    lua_pushlstring(L, header->text.ptr, header->text.len);
    return true;
}

/* Pushes the value; false if the header is of another type than the member. An integer
 * may come in fewer or more bytes than the model says. */
static bool push_header(lua_State *L, const struct awl_shape *shape,
                        const struct awl_event_header *header)
{
    bool is_integer = header->type >= AWL_EVENT_BYTE && header->type <= AWL_EVENT_INT64;
    switch ((enum awl_shape_type)shape->type) {
    case AWL_SHAPE_BOOLEAN:
        lua_pushboolean(L, header->type == AWL_EVENT_TRUE);
        return header->type == AWL_EVENT_TRUE || header->type == AWL_EVENT_FALSE;
    case AWL_SHAPE_INTEGER:
    case AWL_SHAPE_LONG:
        lua_pushinteger(L, header->integer);
        return is_integer;
    case AWL_SHAPE_TIMESTAMP:
        awl_push_timestamp(L, awl_timestamp_from_ms(header->integer));
        return header->type == AWL_EVENT_TIMESTAMP;
    case AWL_SHAPE_BLOB:
        return push_bytes(L, header, false);
    case AWL_SHAPE_STRING:
        return push_bytes(L, header, true);
    default:
        return false;
    }
}

/* The members that stand in headers, into the table on top. */
static enum awl_rc read_headers(struct awl_reader *reader, const struct awl_path *path,
                                const struct awl_shape *shape,
                                const struct awl_event_message *message)
{
    const struct awl_member *members = awl_model_members(reader->model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++) {
        awl_str name = awl_model_str(reader->model, members[i].wire_name);
        const struct awl_event_header *header;
        if (!(members[i].flags & AWL_MEMBER_EVENT_HEADER) ||
            (header = awl_event_header(message, name)) == NULL)
            continue;
        struct awl_path here = {.up = path, .member = &members[i]};
        awl_keys_push(reader->model, reader->L, reader->keys, &members[i]);
        if (!push_header(reader->L, awl_model_shape(reader->model, members[i].shape),
                         header))
            return awl_reader_fail(reader, &here, SIZE_MAX,
                                   "the header is of another type");
        lua_rawset(reader->L, -3);
    }
    return AWL_OK;
}

/* ---- the payload ---- */

static enum awl_rc read_payload(struct awl_reader *reader,
                                const struct awl_member *member, awl_str payload)
{
    lua_State *L = reader->L;
    const struct awl_shape *shape = awl_model_shape(reader->model, member->shape);
    lua_newtable(L);
    awl_keys_push(reader->model, L, reader->keys, member);
    if (shape->type == AWL_SHAPE_BLOB || shape->type == AWL_SHAPE_STRING) {
        lua_pushlstring(L, payload.ptr != NULL ? payload.ptr : "", payload.len);
    } else {
        enum awl_rc rc = awl_body_read(reader, shape, payload);
        if (rc != AWL_OK)
            return rc;
    }
    lua_rawset(L, -3);
    return AWL_OK;
}

/* Pushes the structure that a message holds. */
static enum awl_rc read_structure(struct awl_reader *reader, const struct awl_path *path,
                                  const struct awl_shape *shape,
                                  const struct awl_event_message *message)
{
    enum awl_rc rc = AWL_OK;
    if (shape->event_payload > 0)
        rc = read_payload(
            reader, &awl_model_members(reader->model, shape)[shape->event_payload - 1],
            message->payload);
    else if (awl_event_has_body(reader->model, shape))
        rc = awl_body_read(reader, shape, message->payload);
    else
        lua_newtable(reader->L);
    return rc == AWL_OK ? read_headers(reader, path, shape, message) : rc;
}

/* ---- the kinds of messages ---- */

/* Pushes { Name = { ... } }. */
static enum awl_rc push_event(struct awl_reader *reader, const struct awl_member *member,
                              const struct awl_event_message *message)
{
    struct awl_path path = {.member = member};
    lua_createtable(reader->L, 0, 1);
    awl_keys_push(reader->model, reader->L, reader->keys, member);
    enum awl_rc rc = read_structure(
        reader, &path, awl_model_shape(reader->model, member->shape), message);
    if (rc == AWL_OK)
        lua_rawset(reader->L, -3);
    return rc;
}

static bool has_initial_messages(const struct awl_wire *wire)
{
    return wire->protocol == AWL_PROTOCOL_JSON || wire->protocol == AWL_PROTOCOL_CBOR;
}

static enum awl_rc read_event(struct awl_reader *reader,
                              const struct awl_event_target *target,
                              const struct awl_event_message *message,
                              enum awl_message_kind *kind)
{
    awl_str type;
    enum awl_rc rc = header_text(reader, message, STR(":event-type"), &type);
    if (rc != AWL_OK)
        return rc;
    const struct awl_member *member =
        awl_model_member_by_wire_name(reader->model, target->stream, type);
    if (member != NULL) {
        *kind = AWL_MESSAGE_EVENT;
        return push_event(reader, member, message);
    }
    *kind = AWL_MESSAGE_UNKNOWN;
    if (!has_initial_messages(reader->wire) ||
        !awl_str_eq(type, awl_event_initial_name(target)))
        return AWL_OK;
    *kind = AWL_MESSAGE_INITIAL;
    return awl_body_read(reader, target->outer, message->payload);
}

static enum awl_rc set_error(struct awl_service_error *error, awl_str code,
                             awl_str message, struct awl_error *err)
{
    if (code.len == 0)
        code = STR(UNNAMED_ERROR);
    awl_buf_clear(&error->text);
    awl_buf_append_str(&error->text, code);
    awl_buf_append_str(&error->text, message);
    if (awl_buf_rc(&error->text) != AWL_OK)
        return awl_error_set(err, AWL_ENOMEM, "out of memory");
    awl_str text = awl_buf_str(&error->text);
    error->code = awl_str_slice(text, 0, code.len);
    error->message = awl_str_slice(text, code.len, text.len);
    error->type = error->request_id = STR("");
    return AWL_OK;
}

static awl_str text_field(lua_State *L, const char *name)
{
    awl_str text = {"", 0};
    lua_pushstring(L, name);
    if (lua_rawget(L, -2) == LUA_TSTRING)
        text.ptr = lua_tolstring(L, -1, &text.len);
    lua_pop(L, 1); /* it lives in the table */
    return text;
}

static enum awl_rc read_modelled(struct awl_reader *reader, const struct awl_shape *shape,
                                 const struct awl_event_message *message,
                                 struct awl_service_error *error)
{
    struct awl_shape_extra extra;
    enum awl_rc rc = read_structure(reader, NULL, shape, message);
    if (rc != AWL_OK)
        return rc;
    awl_model_shape_extra(reader->model, shape, &extra);
    awl_str text = text_field(reader->L, "message");
    if (text.len == 0)
        text = text_field(reader->L, "Message");
    error->shape = shape;
    return set_error(error,
                     extra.error_code.len > 0 ? extra.error_code
                                              : awl_model_str(reader->model, shape->name),
                     text, reader->err);
}

/* An exception that the model does not have still has a message. */
static enum awl_rc read_unmodelled(struct awl_reader *reader,
                                   const struct awl_event_target *target, awl_str code,
                                   const struct awl_event_message *message,
                                   struct awl_service_error *error)
{
    struct awl_response view = {.status = 400};
    view.body.ptr = (char *)(uintptr_t)message->payload.ptr;
    view.body.len = message->payload.len;
    enum awl_rc rc = awl_wire_read_error(reader->wire, reader->L, target->operation,
                                         &view, error, reader->err);
    if (rc != AWL_OK)
        return rc;
    lua_pushlstring(reader->L, error->message.ptr, error->message.len);
    awl_str text;
    text.ptr = lua_tolstring(reader->L, -1, &text.len);
    error->shape = NULL;
    rc = set_error(error, code, text, reader->err);
    lua_pop(reader->L, 1);
    return rc;
}

static enum awl_rc read_exception(struct awl_reader *reader,
                                  const struct awl_event_target *target,
                                  const struct awl_event_message *message,
                                  struct awl_service_error *error)
{
    const struct awl_shape *shape;
    awl_str type;
    enum awl_rc rc = header_text(reader, message, STR(":exception-type"), &type);
    if (rc != AWL_OK)
        return rc;
    const struct awl_member *member =
        awl_model_member_by_wire_name(reader->model, target->stream, type);
    if (member != NULL)
        shape = awl_model_shape(reader->model, member->shape);
    else
        shape = awl_model_error_shape(reader->model, target->operation, type);
    return shape != NULL ? read_modelled(reader, shape, message, error)
                         : read_unmodelled(reader, target, type, message, error);
}

static enum awl_rc read_plain_error(struct awl_reader *reader,
                                    const struct awl_event_message *message,
                                    struct awl_service_error *error)
{
    awl_str code = awl_event_header_text(message, STR(":error-code"));
    error->shape = NULL;
    lua_newtable(reader->L);
    return set_error(error, code, awl_event_header_text(message, STR(":error-message")),
                     reader->err);
}

enum awl_rc awl_event_read(struct awl_reader *reader,
                           const struct awl_event_target *target,
                           const struct awl_event_message *message,
                           enum awl_message_kind *kind, struct awl_service_error *error)
{
    awl_str type;
    enum awl_rc rc = header_text(reader, message, STR(":message-type"), &type);
    if (rc != AWL_OK)
        return rc;
    if (awl_str_eq(type, STR("event")))
        return read_event(reader, target, message, kind);
    *kind = AWL_MESSAGE_ERROR;
    if (awl_str_eq(type, STR("exception")))
        return read_exception(reader, target, message, error);
    if (awl_str_eq(type, STR("error")))
        return read_plain_error(reader, message, error);
    return awl_reader_fail(reader, NULL, SIZE_MAX, "a message of the type '%.*s'",
                           STR_ARG(awl_str_slice(type, 0, 40)));
}

enum awl_rc awl_wire_read_event(struct awl_wire *wire, lua_State *L,
                                const struct awl_event_target *target,
                                const struct awl_event_message *message,
                                enum awl_message_kind *kind,
                                struct awl_service_error *error, struct awl_error *err)
{
    struct awl_reader reader;
    if (!lua_checkstack(L, AWL_EVENT_SLOTS))
        return awl_error_set(err, AWL_ELIMIT, "the Lua stack is full");
    int top = lua_gettop(L);
    awl_reader_init(&reader, wire, L, err);
    enum awl_rc rc = awl_event_read(&reader, target, message, kind, error);
    if (rc == AWL_OK && *kind != AWL_MESSAGE_UNKNOWN) {
        lua_replace(L, top + 1);
        lua_settop(L, top + 1);
        return AWL_OK;
    }
    lua_settop(L, top);
    if (rc != AWL_OK && err != NULL) {
        awl_str name = awl_model_operation_name(wire->model, target->operation);
        awl_error_prefix(err, "the event stream of %.*s:%.*s is not what the model says",
                         STR_ARG(wire->model->name), STR_ARG(name));
    }
    return rc;
}
