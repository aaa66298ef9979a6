/* user_model.h - a service out of a user's folders, compiled in memory. */
#ifndef AWL_MODEL_USER_MODEL_H
#define AWL_MODEL_USER_MODEL_H

#include "model/data_dir.h"
#include "model/model.h"

/* What the model stands on; {0} is one that is not open. */
struct awl_user_model {
    struct awl_buf bytes;
    struct awl_pack *pack;
};

/* Which service. */
struct awl_user_request {
    const char *service, *version;
    const struct awl_names *folders; /* each file is taken from the first that has it */
    const char *folder;              /* the one that has the model; for messages */
    const struct awl_pack *pack;     /* whose partitions are used if no folder has any */
    const struct awl_model *base;    /* the pack's newest version, or NULL: see below */
};

/* Reads and compiles a service. What no folder has comes from `base`: its endpoint rules,
 * and if it is this very version its paginators and waiters. A service without any rules
 * gets plain ones (model_json.h). AWL_ECONFIG names the file that is not understood.
 * `pack` must outlive the model. */
enum awl_rc awl_user_model_open(struct awl_user_model *user,
                                const struct awl_user_request *request,
                                struct awl_model *model, struct awl_error *err);
void awl_user_model_release(struct awl_user_model *user);

#endif
