/* The readers of all protocols on a small model: answers, errors and requests. The
 * first byte chooses; the rest is the body. What can be read must be writable again
 * without harm. */
#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/compile.h"
#include "wire/wire.h"

#define BODY_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char shapes[] =
    "'Book':{'type':'structure','members':{'Title':{'shape':'Text'},"
    "'Long':{'shape':'Long'},'Real':{'shape':'Real'},'Ok':{'shape':'Bool'},"
    "'When':{'shape':'Time'},'Bytes':{'shape':'Blob'},'List':{'shape':'List'},"
    "'Flat':{'shape':'Flat','locationName':'Item'},'Map':{'shape':'Map'},"
    "'FlatMap':{'shape':'FlatMap'},'Kind':{'shape':'Text','xmlAttribute':true,"
    "'locationName':'x:y'},'Any':{'shape':'Doc'},'One':{'shape':'One'},"
    "'Next':{'shape':'Book'}}},"
    "'One':{'type':'structure','union':true,'members':{'A':{'shape':'Text'},"
    "'B':{'shape':'Book'}}},"
    "'List':{'type':'list','member':{'shape':'Book'}},"
    "'Flat':{'type':'list','member':{'shape':'Text'},'flattened':true},"
    "'Map':{'type':'map','key':{'shape':'Text'},'value':{'shape':'Book'}},"
    "'FlatMap':{'type':'map','key':{'shape':'Text'},'value':{'shape':'Long'},"
    "'flattened':true},"
    "'Doc':{'type':'structure','document':true,'members':{}},"
    "'Text':{'type':'string'},'Long':{'type':'long'},'Real':{'type':'double'},"
    "'Bool':{'type':'boolean'},'Time':{'type':'timestamp'},'Blob':{'type':'blob'},"
    "'Bad':{'type':'structure','exception':true,'members':{'Title':{'shape':'Text'}}}";

static const char *const protocols[] = {"json",  "rest-json", "rest-xml",
                                        "query", "ec2",       "smithy-rpc-v2-cbor"};

struct service {
    struct awl_buf bytes;
    struct awl_pack *pack;
    struct awl_model model;
    struct awl_wire wire;
};

static lua_State *L;
static struct service services[6];
static struct awl_random source;

static void open_service(struct service *s, const char *protocol)
{
    static char text[8192];
    struct awl_error err = AWL_ERROR_INIT;
    snprintf(
        text, sizeof(text),
        "{'metadata':{'apiVersion':'1','protocol':'%s','jsonVersion':'1.0',"
        "'targetPrefix':'T'},'operations':{'Get':{'name':'Get','http':{'method':"
        "'POST','requestUri':'/'},'input':{'shape':'Book'},'output':{'shape':'Book'},"
        "'errors':[{'shape':'Bad'}]}},'shapes':{%s}}",
        protocol, shapes);
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    struct awl_compile_input input = {.name = STR("t"), .model = awl_str_of(text)};
    awl_buf_init(&s->bytes, BODY_MAX);
    if (awl_compile_service(&input, &s->bytes, &err) != AWL_OK)
        abort();
    s->pack = awl_pack_open(s->bytes.ptr, s->bytes.len, "t", false, &err);
    if (s->pack == NULL || awl_model_open(s->pack, STR("t"), &s->model, &err) != AWL_OK ||
        awl_wire_init(&s->wire, L, &s->model, s->model.protocol, &source, &err) != AWL_OK)
        abort();
}

static void open_all(void)
{
    L = luaL_newstate();
    awl_random_seed(&source, 1);
    for (size_t i = 0; i < 6; i++)
        open_service(&services[i], protocols[i]);
}

static void read_answer(struct service *s, awl_str body)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_response response;
    const struct awl_operation *operation = s->model.operations;
    awl_response_init(&response, BODY_MAX);
    response.status = 200;
    awl_buf_append_str(&response.body, body);
    if (awl_wire_read_output(&s->wire, L, operation, &response, 0, &err) == AWL_OK) {
        awl_response_clear(&response);
        (void)awl_wire_write_output(&s->wire, L, 1, operation, STR("id"), &response,
                                    &err);
    }
    awl_response_release(&response);
}

static void read_error(struct service *s, awl_str body)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_service_error error;
    struct awl_response response;
    awl_response_init(&response, BODY_MAX);
    awl_service_error_init(&error);
    response.status = 400;
    awl_buf_append_str(&response.body, body);
    if (awl_wire_read_error(&s->wire, L, s->model.operations, &response, &error, &err) !=
            AWL_OK ||
        error.code.len == 0)
        abort();
    awl_service_error_release(&error);
    awl_response_release(&response);
}

static void read_request(struct service *s, awl_str body)
{
    struct awl_error err = AWL_ERROR_INIT;
    struct awl_request request;
    const struct awl_operation *operation = s->model.operations;
    awl_request_init(&request, BODY_MAX);
    request.method = STR("POST");
    awl_buf_append_char(&request.path, '/');
    awl_buf_append_str(&request.body, body);
    (void)awl_wire_match(&s->wire, &request);
    if (awl_wire_read_input(&s->wire, L, operation, &request, 0, &err) == AWL_OK) {
        awl_request_clear(&request);
        (void)awl_wire_write_input(&s->wire, L, 1, operation, &request, &err);
    }
    awl_request_release(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (L == NULL)
        open_all();
    if (size == 0)
        return 0;
    struct service *s = &services[data[0] % 6];
    awl_str body = awl_str_make((const char *)data + 1, size - 1);
    switch (data[0] / 6 % 3) {
    case 0:
        read_answer(s, body);
        break;
    case 1:
        read_error(s, body);
        break;
    default:
        read_request(s, body);
        break;
    }
    lua_settop(L, 0);
    return 0;
}
