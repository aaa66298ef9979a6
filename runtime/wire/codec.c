#include "wire/codec.h"

#include "wire/event_body.h"

void awl_codec_header(struct awl_walk *walk, const struct awl_path *path,
                      struct awl_headers *headers, awl_str name, awl_str value)
{
    if (awl_headers_add(headers, name, value) == AWL_EINPUT)
        awl_problems_add(&walk->problems, path,
                         "a line break or NUL cannot be sent in the header '%.*s'",
                         STR_ARG(name));
}

/* ---- host prefix ---- */

static bool is_host_label(awl_str label)
{
    if (label.len == 0 || label.len > 63)
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!awl_char_is_alnum(label.ptr[i]) && label.ptr[i] != '-' &&
            label.ptr[i] != '.')
            return false;
    return true;
}

static const struct awl_member *host_label_member(const struct awl_model *model,
                                                  const struct awl_shape *shape,
                                                  awl_str name)
{
    return shape != NULL ? awl_model_member_by_name(model, shape, name) : NULL;
}

static void put_host_label(struct awl_walk *walk, int index,
                           const struct awl_shape *shape, awl_str name,
                           struct awl_buf *out)
{
    const struct awl_member *member = host_label_member(walk->model, shape, name);
    struct awl_path path = {.member = member, .key = name};
    awl_str label = {NULL, 0};
    if (member != NULL && index != 0) {
        awl_walk_push(walk, index, member);
        if (lua_type(walk->L, -1) == LUA_TSTRING)
            label.ptr = lua_tolstring(walk->L, -1, &label.len);
    }
    if (is_host_label(label))
        awl_buf_append_str(out, label);
    else if (label.ptr != NULL) /* what is missing has been told */
        awl_problems_add(&walk->problems, &path, "not a label of a host name");
    else if (member == NULL || !(member->flags & AWL_MEMBER_REQUIRED))
        awl_problems_add(&walk->problems, &path, "needed for the host name");
    lua_settop(walk->L, walk->keys);
}

void awl_codec_host_prefix(struct awl_walk *walk, int index,
                           const struct awl_operation *operation,
                           struct awl_request *request)
{
    awl_str rest = awl_model_str(walk->model, operation->host_prefix);
    const struct awl_shape *shape = awl_codec_shape(walk->model, operation->input);
    struct awl_buf *out = &request->host_prefix;
    while (rest.len > 0) {
        size_t open = awl_str_find(rest, '{', 0);
        size_t close = open == SIZE_MAX ? SIZE_MAX : awl_str_find(rest, '}', open);
        if (close == SIZE_MAX) {
            awl_buf_append_str(out, rest);
            return;
        }
        awl_buf_append_str(out, awl_str_slice(rest, 0, open));
        put_host_label(walk, index, shape, awl_str_slice(rest, open + 1, close), out);
        rest = awl_str_slice(rest, close + 1, rest.len);
    }
}

void awl_codec_rpc_request(struct awl_walk *walk, int index,
                           const struct awl_operation *operation,
                           struct awl_request *request)
{
    request->method = STR("POST");
    awl_buf_append_char(&request->path, '/');
    awl_codec_host_prefix(walk, index, operation, request);
}

static enum awl_rc rpc_read(struct awl_reader *reader,
                            const struct awl_operation *operation, bool input,
                            awl_str body, int stream)
{
    unsigned events = input ? AWL_OPERATION_EVENT_INPUT : AWL_OPERATION_EVENT_OUTPUT;
    const struct awl_shape *shape =
        awl_codec_shape(reader->model, input ? operation->input : operation->output);
    if (operation->flags & events)
        return awl_codec_read_events(reader, operation, input, body, stream);
    if (shape != NULL)
        return awl_body_read(reader, shape, body);
    lua_newtable(reader->L);
    return AWL_OK;
}

enum awl_rc awl_codec_rpc_read_output(struct awl_reader *reader,
                                      const struct awl_operation *operation,
                                      const struct awl_response *response, int stream)
{
    return rpc_read(reader, operation, false, awl_buf_str(&response->body), stream);
}

enum awl_rc awl_codec_rpc_read_input(struct awl_reader *reader,
                                     const struct awl_operation *operation,
                                     const struct awl_request *request, int stream)
{
    return rpc_read(reader, operation, true, awl_buf_str(&request->body), stream);
}

enum awl_rc awl_codec_read_events(struct awl_reader *reader,
                                  const struct awl_operation *operation, bool input,
                                  awl_str body, int stream)
{
    struct awl_event_target target;
    lua_newtable(reader->L);
    if (!awl_event_target(reader->model, operation, input, &target))
        return AWL_OK;
    if (stream == 0)
        return awl_events_read(reader, &target, body);
    awl_keys_push(reader->model, reader->L, reader->keys, target.member);
    lua_pushvalue(reader->L, stream);
    lua_rawset(reader->L, -3);
    return AWL_OK;
}

bool awl_codec_write_events(struct awl_walk *walk, int index,
                            const struct awl_operation *operation, bool input,
                            struct awl_buf *out)
{
    struct awl_event_target target;
    if (!awl_event_target(walk->model, operation, input, &target))
        return false;
    awl_events_write_all(walk, index, &target, input, !input, out);
    return true;
}
