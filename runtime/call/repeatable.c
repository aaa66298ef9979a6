#include "call/repeatable.h"

/* Few models carry the `readonly` trait; these verbs are AWS's for reading. */
static bool reads_by_name(awl_str name)
{
    static const char *const verbs[] = {"Get",    "List",     "Describe", "Head",
                                        "Search", "BatchGet", "Query",    "Scan",
                                        "Lookup", "Filter",   NULL};
    for (const char *const *verb = verbs; *verb != NULL; verb++) {
        awl_str prefix = awl_str_of(*verb);
        /* "Get" but not "Getaway": an upper-case letter follows, or nothing. */
        if (awl_str_starts(name, prefix) &&
            (name.len == prefix.len ||
             (name.ptr[prefix.len] >= 'A' && name.ptr[prefix.len] <= 'Z')))
            return true;
    }
    return false;
}

static bool method_is_idempotent(awl_str method)
{
    return awl_str_eq(method, STR("GET")) || awl_str_eq(method, STR("HEAD")) ||
           awl_str_eq(method, STR("PUT")) || awl_str_eq(method, STR("DELETE"));
}

bool awl_call_repeatable(const struct awl_model *model,
                         const struct awl_operation *operation)
{
    return (operation->flags & (AWL_OPERATION_READONLY | AWL_OPERATION_IDEMPOTENT |
                                AWL_OPERATION_TOKEN)) != 0 ||
           method_is_idempotent(awl_model_str(model, operation->http_method)) ||
           reads_by_name(awl_model_str(model, operation->name));
}
