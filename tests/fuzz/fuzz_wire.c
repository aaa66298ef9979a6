/* The readers of all protocols on a small model: answers, errors and requests. The
 * first byte chooses; the rest is the body. What can be read must be writable again
 * without harm. */
#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "model/compile.h"
#include "wire/wire.h"

#define BODY_MAX ((size_t)1 << 20)

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
    struct awl_wire wire; /* of the run */
};

/* A run has a Lua state of its own: what it leaves behind, none else sees, and
 * libFuzzer does not take it for a leak, for which it would look at great length. */
static lua_State *L;
static struct service services[6];
static struct awl_random source;

static void open_service(struct service *s, const char *protocol)
{
    static char text[8192];
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
    require(awl_compile_service(&input, &s->bytes, NULL) == AWL_OK);
    s->pack = awl_pack_open(s->bytes.ptr, s->bytes.len, "t", false, NULL);
    require(s->pack != NULL);
    require(awl_model_open(s->pack, STR("t"), &s->model, NULL) == AWL_OK);
}

static struct service *choose(unsigned index)
{
    struct service *s = &services[index];
    if (s->pack == NULL)
        open_service(s, protocols[index]);
    return s;
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

static void run(struct service *s, unsigned what, awl_str body)
{
    switch (what) {
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    awl_str body = awl_str_make((const char *)data, size);
    unsigned choice = take_byte(&body);
    struct service *s = choose(choice % 6);
    L = luaL_newstate();
    awl_random_seed(&source, 1);
    require(L != NULL && awl_wire_init(&s->wire, L, &s->model, s->model.protocol, &source,
                                       NULL) == AWL_OK);
    run(s, choice / 6 % 3, body);
    awl_wire_release(&s->wire, L);
    lua_close(L);
    return 0;
}
