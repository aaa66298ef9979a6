/* model.h - the service models, read in place from the model pack.
 *
 * A pack is one block of bytes made by the compiler (compile.h), in which each service
 * lies in one place. Records are plain structures in it, little-endian; strings are
 * offsets into the service's string blob and followed by NUL. Opening a service fills in
 * a struct awl_model and copies nothing, so it costs microseconds for any service. A pack
 * that was not built into the program is checked whole when it is opened: after that
 * every offset may be trusted. */
#ifndef AWL_MODEL_MODEL_H
#define AWL_MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define AWL_MODEL_NONE UINT32_MAX

enum awl_shape_type {
    AWL_SHAPE_STRUCTURE,
    AWL_SHAPE_LIST, /* one member: the element */
    AWL_SHAPE_MAP,  /* two members: key, value */
    AWL_SHAPE_STRING,
    AWL_SHAPE_BLOB,
    AWL_SHAPE_BOOLEAN,
    AWL_SHAPE_INTEGER, /* 32 bits, also byte and short */
    AWL_SHAPE_LONG,    /* 64 bits */
    AWL_SHAPE_FLOAT,
    AWL_SHAPE_DOUBLE,
    AWL_SHAPE_TIMESTAMP,
    AWL_SHAPE_DOCUMENT, /* a structure with the `document` trait: any JSON */
};

enum awl_protocol {
    AWL_PROTOCOL_JSON,
    AWL_PROTOCOL_REST_JSON,
    AWL_PROTOCOL_REST_XML,
    AWL_PROTOCOL_CBOR, /* smithy-rpc-v2-cbor */
    AWL_PROTOCOL_QUERY,
    AWL_PROTOCOL_EC2,
    AWL_PROTOCOL_COUNT,
};

/* "rest-json": as botocore writes it. */
awl_str awl_protocol_name(enum awl_protocol protocol);

enum awl_timestamp_format {
    AWL_TIMESTAMP_DEFAULT, /* the protocol's and location's own */
    AWL_TIMESTAMP_ISO8601,
    AWL_TIMESTAMP_RFC822,
    AWL_TIMESTAMP_UNIX,
};

enum awl_location {
    AWL_LOCATION_BODY,
    AWL_LOCATION_URI,
    AWL_LOCATION_QUERYSTRING,
    AWL_LOCATION_HEADER,
    AWL_LOCATION_HEADERS,
    AWL_LOCATION_STATUS_CODE,
};

/* What a service's operations need HTTP/2 for. */
enum awl_http2 {
    AWL_HTTP2_UNSAID,
    AWL_HTTP2_EVENT_STREAMS, /* two-way event streams only */
    AWL_HTTP2_OPTIONAL,
};

enum awl_shape_flag {
    AWL_SHAPE_UNION = 1 << 0,
    AWL_SHAPE_EXCEPTION = 1 << 1,
    AWL_SHAPE_FAULT = 1 << 2,
    AWL_SHAPE_EVENT_STREAM = 1 << 3,
    AWL_SHAPE_EVENT = 1 << 4,
    AWL_SHAPE_STREAMING = 1 << 5,
    AWL_SHAPE_REQUIRES_LENGTH = 1 << 6,
    AWL_SHAPE_FLATTENED = 1 << 7,
    AWL_SHAPE_SPARSE = 1 << 8,
    AWL_SHAPE_SENSITIVE = 1 << 9,
    AWL_SHAPE_RETRYABLE = 1 << 10,
    AWL_SHAPE_THROTTLING = 1 << 11,
    AWL_SHAPE_SENDER_FAULT = 1 << 12,
    AWL_SHAPE_JSON_VALUE = 1 << 13,
    AWL_SHAPE_BYTE = 1 << 14, /* INTEGER of 8 bits */
    AWL_SHAPE_SHORT = 1 << 15,
};

/* In the pack. Members, lists' elements and maps' keys and values are all members. */
struct awl_shape {
    uint32_t name;
    uint8_t type;             /* enum awl_shape_type */
    uint8_t timestamp_format; /* enum awl_timestamp_format */
    uint16_t flags;           /* enum awl_shape_flag */
    uint32_t members;         /* index of the first in the model's members */
    uint16_t member_count;
    uint16_t required_count;
    uint16_t payload;       /* 1 + member index (within the structure) that is the
                               HTTP payload; 0: none */
    uint16_t event_payload; /* the same for an event's payload */
    uint32_t extra;         /* see awl_model_shape_extra */
    uint32_t by_name;       /* hash tables of the members: see awl_model_member_* */
    uint32_t by_wire_name;
};

enum awl_member_flag {
    AWL_MEMBER_REQUIRED = 1 << 0,
    AWL_MEMBER_IDEMPOTENCY_TOKEN = 1 << 1,
    AWL_MEMBER_FLATTENED = 1 << 2, /* its own or its list's or map's */
    AWL_MEMBER_XML_ATTRIBUTE = 1 << 3,
    AWL_MEMBER_JSON_VALUE = 1 << 4,
    AWL_MEMBER_HOST_LABEL = 1 << 5,
    AWL_MEMBER_EVENT_PAYLOAD = 1 << 6,
    AWL_MEMBER_EVENT_HEADER = 1 << 7,
    AWL_MEMBER_STREAMING = 1 << 8, /* its own or its shape's */
    AWL_MEMBER_SENSITIVE = 1 << 9, /* its shape's */
    AWL_MEMBER_NAMED = 1 << 10,    /* a locationName of its own or of its shape */
    AWL_MEMBER_EXTRA = 1 << 11,    /* see awl_model_member_extra */
};

/* In the pack, 16 bytes each. Traits of the target shape are merged in where noted. */
struct awl_member {
    uint32_t name;            /* as scripts write it; list elements: "member"; maps:
                                 "key" and "value" */
    uint32_t wire_name;       /* locationName of the member, else of its shape (if that
                                 is no structure), else the name */
    uint16_t shape;           /* index in the model's shapes */
    uint16_t flags;           /* enum awl_member_flag */
    uint16_t key;             /* a number for the name, dense from 0 within the model:
                                 equal names, equal numbers */
    uint8_t location;         /* enum awl_location */
    uint8_t timestamp_format; /* the member's, else its shape's */
};

/* In the pack: what few members have. String offsets or AWL_MODEL_NONE. */
struct awl_member_extra {
    uint32_t member;        /* index in the model's members */
    uint32_t query_name;    /* ec2's queryName */
    uint32_t xml_namespace; /* uri; the member's, else its shape's */
    uint32_t xml_prefix;
    uint32_t context_param; /* endpoint parameter's name */
};

enum awl_operation_flag {
    AWL_OPERATION_READONLY = 1 << 0,
    AWL_OPERATION_IDEMPOTENT = 1 << 1,
    AWL_OPERATION_DEPRECATED = 1 << 2,
    AWL_OPERATION_NO_AUTH = 1 << 3,
    AWL_OPERATION_UNSIGNED_PAYLOAD = 1 << 4,
    AWL_OPERATION_CHECKSUM_REQUIRED = 1 << 5, /* httpChecksumRequired, or the request
                                                 checksum of httpChecksum */
    AWL_OPERATION_COMPRESS_GZIP = 1 << 6,
    AWL_OPERATION_DISCOVERY = 1 << 7,
    AWL_OPERATION_DISCOVERY_REQUIRED = 1 << 8,
    AWL_OPERATION_DISCOVERY_CALL = 1 << 9,
    AWL_OPERATION_STREAM_INPUT = 1 << 10, /* the input's payload is a streaming blob */
    AWL_OPERATION_STREAM_OUTPUT = 1 << 11,
    AWL_OPERATION_EVENT_INPUT = 1 << 12,
    AWL_OPERATION_EVENT_OUTPUT = 1 << 13,
    AWL_OPERATION_TOKEN = 1 << 14, /* the input has an idempotency token */
};

/* In the pack. */
struct awl_operation {
    uint32_t name;        /* "ListObjectsV2" */
    uint32_t method_name; /* "list_objects_v2" */
    uint32_t http_method;
    uint32_t request_uri; /* "/{Bucket}/{Key+}?x-id=GetObject" */
    uint32_t input;       /* shape index or AWL_MODEL_NONE */
    uint32_t output;
    uint32_t input_wire_name;      /* rest-xml root element, or AWL_MODEL_NONE; the
                                      operation's, else the input shape's own */
    uint32_t input_namespace;      /* its namespace's uri, or AWL_MODEL_NONE */
    uint32_t input_prefix;         /* and that namespace's prefix */
    uint32_t result_wrapper;       /* query, or AWL_MODEL_NONE */
    uint32_t host_prefix;          /* "{AccountId}." or AWL_MODEL_NONE */
    uint32_t checksum_member;      /* requestAlgorithmMember's name, or AWL_MODEL_NONE */
    uint32_t checksum_mode_member; /* requestValidationModeMember, or AWL_MODEL_NONE */
    uint32_t response_checksums;   /* "CRC32,SHA256" in order, or AWL_MODEL_NONE */
    uint32_t auth;   /* "aws.auth#sigv4,..." of its own, or AWL_MODEL_NONE */
    uint32_t errors; /* index of the first in the model's error list */
    uint16_t error_count;
    uint16_t response_code; /* modelled, default 200 */
    uint32_t flags;         /* enum awl_operation_flag */
    uint32_t extra;         /* static and operation context parameters */
    uint32_t paginator;     /* offset or AWL_MODEL_NONE */
};

struct awl_pack;

/* Endpoint rules or partitions: words that lead to others and to strings. */
struct awl_pack_words {
    const uint32_t *root; /* NULL: there are none */
    const uint32_t *words;
    const char *strings;
};

/* An opened service: pointers into the pack, valid as long as it is. */
struct awl_model {
    const char *strings;
    const struct awl_shape *shapes;
    const struct awl_member *members;
    const struct awl_member_extra *member_extras; /* sorted by member */
    const struct awl_operation *operations;       /* sorted by name */
    const uint32_t *errors;                       /* shape indices */
    const uint32_t *words;                        /* what `extra` offsets point into */
    const uint16_t *slots;                        /* of the tables */
    uint32_t shape_count;
    uint32_t member_count;
    uint32_t member_extra_count;
    uint32_t operation_count;
    uint32_t key_count; /* members' `key` is below it */
    const void *record; /* the pack's own */

    /* Of another pack if a user's model has none of its own. */
    struct awl_pack_words rules, partitions;

    awl_str name; /* "s3", the folder in botocore */
    awl_str api_version;
    awl_str service_id;
    awl_str endpoint_prefix;
    awl_str signing_name;
    awl_str target_prefix; /* "" if none */
    awl_str json_version;  /* "1.0", "1.1" or "" */
    awl_str xml_namespace; /* "" if none */
    awl_str signature_version;
    awl_str auth; /* metadata.auth, comma-separated, or "" */
    awl_str full_name;
    enum awl_protocol protocol; /* by botocore's priority */
    uint32_t protocols;         /* a bit an enum awl_protocol */
    enum awl_http2 http2;       /* protocolSettings.h2 */
    bool query_compatible;      /* awsQueryCompatible */
};

/* The string at an offset of a record; AWL_MODEL_NONE gives the empty string. Its
 * length stands in the two bytes before it. */
static inline awl_str awl_strings_at(const char *strings, uint32_t offset)
{
    uint16_t len;
    if (offset == AWL_MODEL_NONE)
        return (awl_str){"", 0};
    memcpy(&len, strings + offset - sizeof(len), sizeof(len));
    return (awl_str){strings + offset, len};
}

static inline awl_str awl_model_str(const struct awl_model *model, uint32_t offset)
{
    return awl_strings_at(model->strings, offset);
}

static inline awl_str awl_pack_words_str(const struct awl_pack_words *words,
                                         uint32_t offset)
{
    return awl_strings_at(words->strings, offset);
}

static inline const struct awl_shape *awl_model_shape(const struct awl_model *model,
                                                      uint32_t index)
{
    return &model->shapes[index];
}

static inline const struct awl_member *awl_model_members(const struct awl_model *model,
                                                         const struct awl_shape *shape)
{
    return &model->members[shape->members];
}

/* Never NULL: for a member without AWL_MEMBER_EXTRA a record of AWL_MODEL_NONE. */
const struct awl_member_extra *awl_model_member_extra(const struct awl_model *model,
                                                      const struct awl_member *member);

/* The member of a structure by its name, or by its name on the wire, or NULL.
 * Constant time. Of several members with one wire name (in different locations) the
 * first whose location is the body is found. */
const struct awl_member *awl_model_member_by_name(const struct awl_model *model,
                                                  const struct awl_shape *shape,
                                                  awl_str name);
const struct awl_member *awl_model_member_by_wire_name(const struct awl_model *model,
                                                       const struct awl_shape *shape,
                                                       awl_str name);

/* By AWS's spelling or in snake_case; NULL if there is none. */
const struct awl_operation *awl_model_operation(const struct awl_model *model,
                                                awl_str name);

/* "unknown operation 'list_bukets' of s3; did you mean 'list_buckets'?" into `err`.
 * Returns AWL_ENOTFOUND. */
enum awl_rc awl_model_operation_unknown(const struct awl_model *model, awl_str name,
                                        struct awl_error *err);

/* As AWS spells it: "ListBuckets". Followed by a NUL. */
awl_str awl_model_operation_name(const struct awl_model *model,
                                 const struct awl_operation *operation);

/* What few shapes have and no call asks for. */
struct awl_shape_extra {
    awl_str error_code; /* error.code, or "" */
    int http_status;    /* error.httpStatusCode, or 0 */
    bool has_min, has_max;
    double min, max;
    awl_str pattern;
    const uint32_t *enum_values; /* string offsets */
    uint32_t enum_count;
    uint32_t wire_name;     /* the shape's own locationName, or AWL_MODEL_NONE */
    uint32_t xml_namespace; /* uri, or AWL_MODEL_NONE */
    uint32_t xml_prefix;    /* or AWL_MODEL_NONE */
};
void awl_model_shape_extra(const struct awl_model *model, const struct awl_shape *shape,
                           struct awl_shape_extra *extra);

/* The shape of an error by the code on the wire: by error.code, then by shape name,
 * first among the operation's errors, then among all exceptions of the service.
 * NULL if none. `operation` may be NULL. */
const struct awl_shape *awl_model_error_shape(const struct awl_model *model,
                                              const struct awl_operation *operation,
                                              awl_str code);

/* Paginator of an operation. Expressions are JMESPath (a field, dots, [n], ||). */
struct awl_paginator {
    const uint32_t *input_tokens, *output_tokens, *result_keys, *non_aggregate_keys;
    uint32_t input_token_count, output_token_count, result_key_count,
        non_aggregate_key_count;
    uint32_t limit_key, more_results; /* string offset or AWL_MODEL_NONE */
};
bool awl_model_paginator(const struct awl_model *model,
                         const struct awl_operation *operation,
                         struct awl_paginator *paginator);

/* Waiters: by index, or by name. */
struct awl_waiter_acceptor {
    awl_str matcher, state, argument;
    awl_str expected; /* JSON */
};
struct awl_waiter {
    awl_str name;        /* "BucketExists" */
    awl_str method_name; /* "bucket_exists" */
    uint32_t operation;  /* string offset of the operation's name */
    uint32_t delay_s, max_attempts, acceptor_count;
    const void *acceptors;
};
uint32_t awl_model_waiter_count(const struct awl_model *model);
void awl_model_waiter(const struct awl_model *model, uint32_t index,
                      struct awl_waiter *waiter);
/* By AWS's spelling or in snake_case; false if there is none. */
bool awl_model_waiter_find(const struct awl_model *model, awl_str name,
                           struct awl_waiter *waiter);
void awl_model_waiter_acceptor(const struct awl_model *model,
                               const struct awl_waiter *waiter, uint32_t index,
                               struct awl_waiter_acceptor *acceptor);

/* ---- the pack ---- */

/* A pack in memory, aligned to 8 bytes, that stays the caller's; `trusted` leaves out the
 * check of every offset (the pack built into the program). NULL with `err` (naming
 * `origin`) when it is no pack, of another format version, or damaged. */
struct awl_pack *awl_pack_open(const void *bytes, size_t len, const char *origin,
                               bool trusted, struct awl_error *err);
/* A file, mapped and checked. */
struct awl_pack *awl_pack_open_file(const char *path, struct awl_error *err);
/* The same for one that `awl models update` has written and checked: its services are
 * checked when they are opened, which costs as much as is used. */
struct awl_pack *awl_pack_open_own_file(const char *path, struct awl_error *err);
void awl_pack_free(struct awl_pack *pack);

awl_str awl_pack_data_version(const struct awl_pack *pack); /* "botocore 1.43.11" */
struct awl_pack_words awl_pack_partitions(const struct awl_pack *pack);
/* Sorted by name; a service stands as many times as it has API versions, the newest
 * first. */
uint32_t awl_pack_service_count(const struct awl_pack *pack);
awl_str awl_pack_service_name(const struct awl_pack *pack, uint32_t index);
awl_str awl_pack_service_version(const struct awl_pack *pack, uint32_t index);

/* The indices of a service's versions, by folder name or an alias (endpoint prefix,
 * hyphenated service id). AWL_ENOTFOUND with the nearest names in `err`. */
enum awl_rc awl_pack_find(const struct awl_pack *pack, awl_str service, uint32_t *first,
                          uint32_t *count, struct awl_error *err);

/* The newest version of a service, or the one at an index. Programs ask the catalog
 * (catalog.h), which knows more services. */
enum awl_rc awl_model_open(const struct awl_pack *pack, awl_str service,
                           struct awl_model *model, struct awl_error *err);
enum awl_rc awl_model_open_at(const struct awl_pack *pack, uint32_t index,
                              struct awl_model *model, struct awl_error *err);

#endif
