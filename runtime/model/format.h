/* format.h - the layout of a model pack; of interest within model/ only.
 *
 * A header, then parts: the directory, the partitions, and one for each service, which
 * lies in one place so that using it touches few pages. A part is a table of sections,
 * then these. Its records refer to the same part only. They hold string offsets (bytes
 * into the strings, just behind a two-byte length), and indices of words: a section of
 * 32-bit numbers for all that varies in length. AWL_MODEL_NONE stands for "none". */
#ifndef AWL_MODEL_FORMAT_H
#define AWL_MODEL_FORMAT_H

#include "model/model.h"

#define AWL_PACK_MAGIC "AWLMODEL"
#define AWL_PACK_VERSION 2
#define AWL_PACK_BYTE_ORDER 0x01020304

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "packs are little-endian");

enum awl_pack_section {
    AWL_PACK_STRINGS, /* bytes */
    AWL_PACK_ENTRIES, /* the directory's */
    AWL_PACK_ALIASES, /* the directory's */
    AWL_PACK_SERVICE, /* a service's: one record */
    AWL_PACK_SHAPES,
    AWL_PACK_MEMBERS,
    AWL_PACK_MEMBER_EXTRAS,
    AWL_PACK_OPERATIONS,
    AWL_PACK_WORDS, /* uint32_t */
    AWL_PACK_SLOTS, /* uint16_t: hash tables and sorted indices */
    AWL_PACK_SECTIONS,
};

struct awl_pack_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t len;            /* of the whole pack */
    uint32_t crc;            /* CRC-32 of all that follows the header */
    uint32_t data_version;   /* a string of the directory, which follows the header */
    uint32_t partitions;     /* where their part begins */
    uint32_t partition_list; /* word index therein, or none */
    uint32_t unused;
};

/* Begins a part, at a multiple of 8. */
struct awl_pack_part_header {
    struct {
        uint32_t offset; /* bytes from the start of the part, a multiple of 8 */
        uint32_t count;  /* elements */
    } sections[AWL_PACK_SECTIONS];
};

/* A service in the directory: sorted by name, of several API versions the newest first.
 */
struct awl_pack_entry {
    uint32_t name;
    uint32_t api_version;
    uint32_t part; /* where it begins */
};

struct awl_pack_service {
    uint32_t name;
    uint32_t api_version;
    uint32_t service_id;
    uint32_t endpoint_prefix;
    uint32_t signing_name;
    uint32_t target_prefix;
    uint32_t json_version;
    uint32_t xml_namespace;
    uint32_t signature_version;
    uint32_t auth;
    uint32_t full_name;
    uint32_t protocols;
    uint8_t protocol;
    uint8_t http2;
    uint8_t query_compatible;
    uint8_t unused;
    uint32_t methods; /* slot index: operations by method_name */
    uint32_t key_count;
    uint32_t errors;                      /* word index that operations count from */
    uint32_t exceptions, exception_count; /* words: of the service */
    uint32_t rules;                       /* word index, or none */
    uint32_t waiters, waiter_count;       /* words: WAITER_* records */
};

/* Sorted by name, then by service. */
struct awl_pack_alias {
    uint32_t name;
    uint32_t service; /* index of the entry */
};

/* A shape's extra: a word of these bits, then what they announce, in this order. */
enum awl_extra_bit {
    AWL_EXTRA_ERROR_CODE = 1 << 0, /* string */
    AWL_EXTRA_STATUS = 1 << 1,     /* number */
    AWL_EXTRA_MIN = 1 << 2,        /* double, two words */
    AWL_EXTRA_MAX = 1 << 3,        /* the same */
    AWL_EXTRA_PATTERN = 1 << 4,    /* string */
    AWL_EXTRA_ENUM = 1 << 5,       /* count, then strings */
    AWL_EXTRA_WIRE_NAME = 1 << 6,  /* string */
    AWL_EXTRA_NAMESPACE = 1 << 7,  /* string */
    AWL_EXTRA_PREFIX = 1 << 8,     /* string */
};

/* An operation's extra: a count, then so many records of these words. */
enum awl_binding_word {
    AWL_BINDING_PARAMETER, /* string */
    AWL_BINDING_PATH,      /* string, or none: static */
    AWL_BINDING_VALUE,     /* a constant expression, or none */
    AWL_BINDING_WORDS,
};

/* A paginator: these words, then the strings of the four lists. */
enum awl_paginator_word {
    AWL_PAGINATOR_INPUT_COUNT,
    AWL_PAGINATOR_OUTPUT_COUNT,
    AWL_PAGINATOR_RESULT_COUNT,
    AWL_PAGINATOR_NON_AGGREGATE_COUNT,
    AWL_PAGINATOR_LIMIT_KEY,
    AWL_PAGINATOR_MORE_RESULTS,
    AWL_PAGINATOR_WORDS,
};

enum awl_waiter_word {
    AWL_WAITER_NAME,
    AWL_WAITER_METHOD_NAME,
    AWL_WAITER_OPERATION,
    AWL_WAITER_DELAY,
    AWL_WAITER_MAX_ATTEMPTS,
    AWL_WAITER_ACCEPTOR_COUNT,
    AWL_WAITER_ACCEPTORS, /* word index of the records */
    AWL_WAITER_WORDS,
};

enum awl_acceptor_word {
    AWL_ACCEPTOR_MATCHER,
    AWL_ACCEPTOR_STATE,
    AWL_ACCEPTOR_ARGUMENT,
    AWL_ACCEPTOR_EXPECTED,
    AWL_ACCEPTOR_WORDS,
};

/* A table in the slots: the number of bits of its size, then the slots; 0 is an
 * empty one, else 1 + member index and in the upper bits the hash's upper bits. */
#define AWL_TABLE_INDEX_BITS 12
#define AWL_TABLE_INDEX_MASK ((1u << AWL_TABLE_INDEX_BITS) - 1)
#define AWL_TABLE_MEMBERS_MAX (AWL_TABLE_INDEX_MASK - 1)
#define AWL_TABLE_BITS_MAX 14

/* Structures with at most so many members have no tables. */
#define AWL_TABLE_LINEAR_MAX 4

/* What the tables of members, and the compiler's own, are looked up by. */
static inline uint32_t awl_table_hash(awl_str text)
{
    uint64_t hash = text.len;
    size_t at = 0;
    while (at < text.len) {
        uint64_t piece = 0;
        size_t len = text.len - at < sizeof(piece) ? text.len - at : sizeof(piece);
        memcpy(&piece, text.ptr + at, len);
        hash = (hash ^ piece) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
        at += len;
    }
    return (uint32_t)(hash ^ hash >> 15);
}

/* The part of the hash that a slot keeps, beside the index. */
static inline uint16_t awl_table_tag(uint32_t hash)
{
    return (uint16_t)(hash >> (32 - (16 - AWL_TABLE_INDEX_BITS)) << AWL_TABLE_INDEX_BITS);
}

/* ---- endpoint rules, in the words ---- */

/* A rule set: these words, then the parameters, then the rules' indices. */
enum awl_rules_word {
    AWL_RULES_PARAMETER_COUNT,
    AWL_RULES_SLOT_COUNT, /* parameters and variables */
    AWL_RULES_RULE_COUNT,
    AWL_RULES_WORDS,
};

enum awl_parameter_word {
    AWL_PARAMETER_NAME,
    AWL_PARAMETER_BUILT_IN, /* string, or none */
    AWL_PARAMETER_TYPE,     /* enum awl_endpoint_value_type */
    AWL_PARAMETER_REQUIRED,
    AWL_PARAMETER_DEFAULT, /* a constant expression, or none */
    AWL_PARAMETER_WORDS,
};

enum awl_rule_kind {
    AWL_RULE_ENDPOINT, /* url, properties or none, header count, (name, array)... */
    AWL_RULE_ERROR,    /* message */
    AWL_RULE_TREE,     /* rule count, rules... */
    AWL_RULE_KINDS,
};

/* A rule: these words, then the conditions, then what the kind says. */
enum awl_rule_word {
    AWL_RULE_KIND,
    AWL_RULE_CONDITION_COUNT,
    AWL_RULE_WORDS,
};

enum awl_condition_word {
    AWL_CONDITION_TEST,
    AWL_CONDITION_SLOT, /* where the result goes, or none */
    AWL_CONDITION_WORDS,
};

/* An expression: its kind, then its operands. Expressions are word indices, and a
 * part always stands before the whole, so that there are no cycles. */
enum awl_expression_kind {
    AWL_EXPRESSION_STRING,    /* string */
    AWL_EXPRESSION_BOOLEAN,   /* 0 or 1 */
    AWL_EXPRESSION_INTEGER,   /* as int32_t */
    AWL_EXPRESSION_REF,       /* slot */
    AWL_EXPRESSION_TEMPLATE,  /* count, expressions */
    AWL_EXPRESSION_ARRAY,     /* count, expressions */
    AWL_EXPRESSION_OBJECT,    /* count, (key string, expression)... */
    AWL_EXPRESSION_ATTRIBUTE, /* expression, enum awl_attribute */
    AWL_EXPRESSION_INDEX,     /* expression, index as int32_t */
    AWL_EXPRESSION_CALL,      /* enum awl_function, count, expressions */
    AWL_EXPRESSION_KINDS,
};

enum awl_attribute {
    AWL_ATTRIBUTE_NAME, /* of a partition */
    AWL_ATTRIBUTE_DNS_SUFFIX,
    AWL_ATTRIBUTE_DUAL_STACK_DNS_SUFFIX,
    AWL_ATTRIBUTE_IMPLICIT_GLOBAL_REGION,
    AWL_ATTRIBUTE_SUPPORTS_FIPS,
    AWL_ATTRIBUTE_SUPPORTS_DUAL_STACK,
    AWL_ATTRIBUTE_PARTITION, /* of an ARN */
    AWL_ATTRIBUTE_SERVICE,
    AWL_ATTRIBUTE_REGION,
    AWL_ATTRIBUTE_ACCOUNT_ID,
    AWL_ATTRIBUTE_RESOURCE_ID,
    AWL_ATTRIBUTE_SCHEME, /* of a URL */
    AWL_ATTRIBUTE_AUTHORITY,
    AWL_ATTRIBUTE_PATH,
    AWL_ATTRIBUTE_NORMALIZED_PATH,
    AWL_ATTRIBUTE_IS_IP,
    AWL_ATTRIBUTES,
};

enum awl_function {
    AWL_FUNCTION_IS_SET,
    AWL_FUNCTION_NOT,
    AWL_FUNCTION_STRING_EQUALS,
    AWL_FUNCTION_BOOLEAN_EQUALS,
    AWL_FUNCTION_SUBSTRING,
    AWL_FUNCTION_URI_ENCODE,
    AWL_FUNCTION_PARSE_URL,
    AWL_FUNCTION_IS_VALID_HOST_LABEL,
    AWL_FUNCTION_PARTITION,
    AWL_FUNCTION_PARSE_ARN,
    AWL_FUNCTION_IS_VIRTUAL_HOSTABLE_S3_BUCKET,
    AWL_FUNCTION_SPLIT,
    AWL_FUNCTION_COALESCE,
    AWL_FUNCTION_ITE,
    AWL_FUNCTIONS,
};

#define AWL_RULES_DEPTH_MAX 64    /* nested rules, nested expressions */
#define AWL_RULES_TEMPLATE_MAX 32 /* parts of a template */
#define AWL_RULES_SLOTS_MAX 192   /* parameters and variables of a rule set */

/* ---- partitions, in the words: a count, then the index of each one's record ---- */

enum awl_partition_word {
    AWL_PARTITION_NAME,
    AWL_PARTITION_DNS_SUFFIX,
    AWL_PARTITION_DUAL_STACK_DNS_SUFFIX,
    AWL_PARTITION_IMPLICIT_GLOBAL_REGION,
    AWL_PARTITION_SUPPORTS_FIPS,
    AWL_PARTITION_SUPPORTS_DUAL_STACK,
    AWL_PARTITION_PATTERN, /* word index, or none */
    AWL_PARTITION_REGION_COUNT,
    AWL_PARTITION_WORDS, /* then the regions' names */
};

#define AWL_PATTERN_TEXT_MAX 64 /* a longer region matches no pattern */
#define AWL_PATTERN_STEPS_MAX 16

/* A pattern: a count of steps, then the steps. The text must match from end to end. */
enum awl_pattern_step {
    AWL_PATTERN_ONE_OF, /* count, strings: one of these */
    AWL_PATTERN_WORD,   /* one or more of [A-Za-z0-9_] */
    AWL_PATTERN_DIGITS, /* one or more of [0-9] */
    AWL_PATTERN_STEPS,
};

#endif
