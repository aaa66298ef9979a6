/* protocol_vectors.h - the parts of protocol_vectors. */
#ifndef AWL_TESTS_PROTOCOL_VECTORS_H
#define AWL_TESTS_PROTOCOL_VECTORS_H

#include <lua.h>

#include "base/message.h"
#include "model/model.h"
#include "vectors.h"
#include "wire/wire.h"

/* ---- protocol_values.c ---- */

/* Pushes a vector's value as a script would write it. `shape` may be NULL: as it is. */
void values_push(lua_State *L, const struct awl_model *model,
                 const struct awl_shape *shape, const struct vectors_json *json);

/* The member of a structure, list or map that holds what is at `key`, or NULL. */
const struct awl_member *values_member(const struct awl_model *model,
                                       const struct awl_shape *shape, awl_str key);

/* Compares the Lua value on top with a vector's; on a difference says where in `why`. */
bool values_equal(lua_State *L, const struct awl_model *model,
                  const struct awl_shape *shape, const struct vectors_json *json,
                  struct awl_buf *why);

/* ---- protocol_bodies.c ---- */

bool bodies_equal_form(awl_str actual, awl_str expected);
bool bodies_equal_json(awl_str actual, awl_str expected);
bool bodies_equal_xml(awl_str actual, awl_str expected);

/* `expected` is base64. Floats are compared exactly, those whose shape is a float of 32
 * bits as such; `shape` may be NULL. */
bool bodies_equal_cbor(const struct awl_model *model, const struct awl_shape *shape,
                       awl_str actual, awl_str expected);

/* One spelling of a CBOR value; false if the bytes are none. */
bool bodies_spell_cbor(awl_str bytes, struct awl_buf *out);
void bodies_spell_real(struct awl_buf *out, double value);

/* "key=value" pairs of a query string, in any order. */
bool bodies_equal_query(awl_str actual, awl_str expected);

/* ---- protocol_models.c ---- */

/* A service model of one operation, out of a suite and a case. */
struct models_service {
    struct awl_buf bytes;
    struct awl_pack *pack;
    struct awl_model model;
    const struct awl_operation *operation;
};
bool models_open(struct models_service *service, const struct vectors_json *suite,
                 const struct vectors_json *given, struct awl_error *err);
/* The same for a whole service model; `operation` is left NULL. */
bool models_open_whole(struct models_service *service, const struct vectors_json *model,
                       struct awl_error *err);
void models_close(struct models_service *service);

/* Appends a tree as JSON text. */
void models_put_json(struct awl_buf *out, const struct vectors_json *json);

/* ---- protocol_events.c ---- */

/* The frames of an event stream out of base64, in the dialect of AWS: some vectors
 * leave out the colon before "event-type", or the header "message-type". */
void events_plain_body(struct awl_buf *out, awl_str base64);

/* A result whose event stream is a list: some vectors give its one event bare. */
const struct vectors_json *events_listed(const struct awl_model *model,
                                         const struct awl_operation *operation,
                                         const struct vectors_json *result);

/* Messages of event streams, from the client's side and the server's. */
void protocol_events(struct vectors_suite *suite, lua_State *L, const char *folder);

/* ---- the other suites ---- */

/* Recorded answers of real services, read with their models. */
void protocol_responses(struct vectors_suite *suite, lua_State *L, const char *folder);

/* Every operation of every service there and back. */
void protocol_services(struct vectors_suite *suite, lua_State *L);

void protocol_json_parsing(struct vectors_suite *suite, const char *folder);
void protocol_cbor(struct vectors_suite *suite, const char *folder);

#endif
