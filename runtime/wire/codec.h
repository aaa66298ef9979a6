/* codec.h - a family of protocols, as wire.c calls it.
 *
 * Writers report through walk->problems and their buffers, readers through their
 * result; both may leave the Lua stack higher, but readers that succeed leave the
 * value on top. */
#ifndef AWL_WIRE_CODEC_H
#define AWL_WIRE_CODEC_H

#include "wire/read.h"
#include "wire/walk.h"

struct awl_codec {
    void (*write_input)(struct awl_walk *walk, int index,
                        const struct awl_operation *operation,
                        struct awl_request *request);
    enum awl_rc (*read_output)(struct awl_reader *reader,
                               const struct awl_operation *operation,
                               const struct awl_response *response, int stream);
    enum awl_rc (*read_input)(struct awl_reader *reader,
                              const struct awl_operation *operation,
                              const struct awl_request *request, int stream);
    void (*write_output)(struct awl_walk *walk, int index,
                         const struct awl_operation *operation, awl_str request_id,
                         struct awl_response *response);
};

extern const struct awl_codec awl_json_codec;
extern const struct awl_codec awl_rest_codec;
extern const struct awl_codec awl_query_codec;
extern const struct awl_codec awl_cbor_codec;

/* The shape of an input or output, or NULL for none. */
static inline const struct awl_shape *awl_codec_shape(const struct awl_model *model,
                                                      uint32_t index)
{
    return index != AWL_MODEL_NONE ? awl_model_shape(model, index) : NULL;
}

/* ---- what several families share ---- */

/* Adds a field; one that may not be sent becomes a problem. */
void awl_codec_header(struct awl_walk *walk, const struct awl_path *path,
                      struct awl_headers *headers, awl_str name, awl_str value);

/* Writes the host prefix, its labels filled in from the table at `index`. */
void awl_codec_host_prefix(struct awl_walk *walk, int index,
                           const struct awl_operation *operation,
                           struct awl_request *request);

/* "POST", "/" and the host prefix, which all protocols but the REST ones begin with. */
void awl_codec_rpc_request(struct awl_walk *walk, int index,
                           const struct awl_operation *operation,
                           struct awl_request *request);

/* The read_output and read_input of protocols that have everything in the body. */
enum awl_rc awl_codec_rpc_read_output(struct awl_reader *reader,
                                      const struct awl_operation *operation,
                                      const struct awl_response *response, int stream);
enum awl_rc awl_codec_rpc_read_input(struct awl_reader *reader,
                                     const struct awl_operation *operation,
                                     const struct awl_request *request, int stream);

/* For protocols with initial messages. Pushes the table of an operation with an event
 * stream: the stream's member is the value at stack index `stream`, or for 0 the list
 * of the body's events. */
enum awl_rc awl_codec_read_events(struct awl_reader *reader,
                                  const struct awl_operation *operation, bool input,
                                  awl_str body, int stream);

/* The reverse: the initial message and, of an answer, the events that are a list.
 * False, and nothing written, without an event stream. */
bool awl_codec_write_events(struct awl_walk *walk, int index,
                            const struct awl_operation *operation, bool input,
                            struct awl_buf *out);

/* ---- bodies in the format of the wire's protocol: JSON, XML or CBOR ---- */

struct awl_body_root {
    const struct awl_path *path; /* of the structure, or NULL */
    awl_str name;                /* XML's root element, its namespace's URI and prefix */
    uint32_t uri;
    uint32_t prefix;
};

/* Writes the present members of the structure at `index` but for those elsewhere. */
void awl_body_write_members(struct awl_walk *walk, const struct awl_body_root *root,
                            const struct awl_shape *shape, int index,
                            const struct awl_presence *present, unsigned elsewhere,
                            struct awl_buf *out);

/* Writes the value on top of the stack, a payload member's, alone. */
void awl_body_write_payload(struct awl_walk *walk, const struct awl_path *path,
                            const struct awl_member *member, struct awl_buf *out);

/* Pushes the value of a shape; an empty body is an empty structure. */
enum awl_rc awl_body_read(struct awl_reader *reader, const struct awl_shape *shape,
                          awl_str body);

/* Of the REST protocols' and CBOR's bodies: "application/json". */
awl_str awl_body_content_type(enum awl_protocol protocol);

#endif
