/* embedded.h - the model pack that is built into the program. */
#ifndef AWL_MODEL_EMBEDDED_H
#define AWL_MODEL_EMBEDDED_H

#include <stddef.h>

/* For awl_pack_open, with `trusted`. Link awl_model_data. */
const void *awl_embedded_pack(size_t *len);

#endif
