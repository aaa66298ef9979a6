/* services.h - what AWS calls need, made when the first client is. */
#ifndef AWL_BIND_SERVICES_H
#define AWL_BIND_SERVICES_H

#include "base/error.h"
#include "script/runtime.h"

#define AWL_MODELS_EMBEDDED "embedded" /* awl_catalog_origin() of the program's own */

/* Opens the models (runtime->models, see model/catalog.h): those in the file AWL_MODELS
 * names, else those that `awl models update` has left, else the embedded ones; beside
 * them what the user's folders have. Does nothing if they are open. */
enum awl_rc awl_services_open_models(struct awl_runtime *runtime, struct awl_error *err);

/* Makes the pipeline and the connection pool if they are not there. */
enum awl_rc awl_services_open(struct awl_runtime *runtime, struct awl_error *err);

/* Makes the connection pool if it is not there. */
enum awl_rc awl_services_open_http(struct awl_runtime *runtime, struct awl_error *err);

/* Before the state is closed nothing is freed here: userdata still need it. After
 * awl_state_free, before awl_loop_free. Does nothing for what was never made. */
void awl_services_close(struct awl_runtime *runtime);

#endif
