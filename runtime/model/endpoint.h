/* endpoint.h - endpoint rule sets: where a call goes and how it is signed.
 *
 * Interprets a service's rule set, in place in the pack, over parameter values.
 * https://smithy.io/2.0/additional-specs/rules-engine/ */
#ifndef AWL_MODEL_ENDPOINT_H
#define AWL_MODEL_ENDPOINT_H

#include "base/buf.h"
#include "base/headers.h"
#include "model/model.h"

#define AWL_ENDPOINT_PARAMETERS_MAX 32

enum awl_endpoint_value_type {
    AWL_ENDPOINT_UNSET,
    AWL_ENDPOINT_STRING,
    AWL_ENDPOINT_BOOLEAN,
    AWL_ENDPOINT_STRING_ARRAY,
};

struct awl_endpoint_value {
    enum awl_endpoint_value_type type;
    bool boolean;
    awl_str string;
    const awl_str *strings;
    size_t string_count;
};

/* The parameters of a service's rule set. */
struct awl_endpoint_parameter {
    awl_str name;
    awl_str built_in; /* "AWS::Region" or "" */
    enum awl_endpoint_value_type type;
    bool required;
    bool has_default;
};
uint32_t awl_endpoint_parameter_count(const struct awl_model *model);
void awl_endpoint_parameter(const struct awl_model *model, uint32_t index,
                            struct awl_endpoint_parameter *parameter);
/* Its index by name, or AWL_MODEL_NONE. */
uint32_t awl_endpoint_parameter_find(const struct awl_model *model, awl_str name);

/* Parameters an operation sets by itself: static ones (a value) and those taken
 * from the input by a JMESPath. */
#define AWL_ENDPOINT_ARRAY_MAX 8 /* strings of a static value */
struct awl_endpoint_binding {
    awl_str parameter;
    awl_str path;                    /* JMESPath, or "" for a static value */
    struct awl_endpoint_value value; /* may point into `strings` */
    awl_str strings[AWL_ENDPOINT_ARRAY_MAX];
};
uint32_t awl_endpoint_binding_count(const struct awl_model *model,
                                    const struct awl_operation *operation);
void awl_endpoint_binding(const struct awl_model *model,
                          const struct awl_operation *operation, uint32_t index,
                          struct awl_endpoint_binding *binding);

#define AWL_ENDPOINT_AUTH_SCHEMES_MAX 4

struct awl_auth_scheme {
    awl_str name;           /* "sigv4", "sigv4a", "sigv4-s3express" */
    awl_str signing_name;   /* "" if not given */
    awl_str signing_region; /* sigv4a: the region set, comma-separated */
    bool disable_double_encoding;
};

/* A resolved endpoint. Text stands in `text`, which the caller inits and releases
 * through awl_endpoint_init/release. */
struct awl_endpoint {
    struct awl_buf text;
    awl_str url; /* scheme, host, optional port and path */
    struct awl_auth_scheme auth_schemes[AWL_ENDPOINT_AUTH_SCHEMES_MAX];
    unsigned auth_scheme_count;
    awl_str backend;            /* "S3Express" or "" */
    awl_str properties;         /* all of them as JSON */
    struct awl_headers headers; /* fields to add to the request */
};
void awl_endpoint_init(struct awl_endpoint *endpoint);
void awl_endpoint_release(struct awl_endpoint *endpoint);

/* `values` has one entry for each parameter of the rule set, by index; defaults are
 * filled in here. AWL_ECONFIG with the rule's own words when a rule says error or a
 * required parameter is missing. */
enum awl_rc awl_endpoint_resolve(const struct awl_model *model,
                                 const struct awl_endpoint_value *values,
                                 struct awl_endpoint *endpoint, struct awl_error *err);

/* The partition of a region (by list, by pattern, else "aws"). */
struct awl_partition {
    awl_str name, dns_suffix, dual_stack_dns_suffix, implicit_global_region;
    bool supports_fips, supports_dual_stack;
};
void awl_partition_of_region(const struct awl_pack_words *partitions, awl_str region,
                             struct awl_partition *partition);

#endif
