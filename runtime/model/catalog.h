/* catalog.h - all services there are: those of a pack, and those that folders in
 * botocore's layout (SERVICE/VERSION/service-2.json) add or replace.
 *
 * The rule is botocore's: of all API versions of a service the newest is taken, and
 * each of its files from the first folder that has it, the pack coming last. A folder
 * is looked at when a service is opened, and compiled then, in memory. Unlike botocore's:
 * files of a version whose service-2.json is in no folder are left out, with a warning.
 */
#ifndef AWL_MODEL_CATALOG_H
#define AWL_MODEL_CATALOG_H

#include "model/data_dir.h"
#include "model/model.h"

struct awl_catalog;

/* Takes the pack over, unless it fails (NULL). `origin` says where it is from. */
struct awl_catalog *awl_catalog_new(struct awl_pack *pack, const char *origin,
                                    struct awl_error *err);
void awl_catalog_free(struct awl_catalog *catalog);

/* Adds a folder behind those added before; one that is not there is left out. */
enum awl_rc awl_catalog_add_folder(struct awl_catalog *catalog, const char *folder,
                                   struct awl_error *err);

/* Adds the folders that AWS_DATA_PATH lists, then ~/.aws/models. */
enum awl_rc awl_catalog_add_user_folders(struct awl_catalog *catalog,
                                         struct awl_error *err);

/* The pack, and where it is from, as given to awl_catalog_new. */
const struct awl_pack *awl_catalog_pack(const struct awl_catalog *catalog);
const char *awl_catalog_origin(const struct awl_catalog *catalog);

/* Opens a service by name (folder name; for the pack's also endpoint prefix or
 * hyphenated service id), of an API version or, for "", of the newest. The model is
 * valid as long as the catalog. AWL_ENOTFOUND names the nearest services, or the
 * versions there are; AWL_ECONFIG the file that is not understood. */
enum awl_rc awl_catalog_open(struct awl_catalog *catalog, awl_str service,
                             awl_str api_version, struct awl_model *model,
                             struct awl_error *err);

/* Adds the names of all services, sorted. */
enum awl_rc awl_catalog_services(const struct awl_catalog *catalog,
                                 struct awl_names *names, struct awl_error *err);

/* Adds the API versions of a service by its folder name, sorted. */
enum awl_rc awl_catalog_versions(const struct awl_catalog *catalog, const char *service,
                                 struct awl_names *versions, struct awl_error *err);

/* The folder that an opened model comes from, or NULL for the pack. */
const char *awl_catalog_folder(const struct awl_catalog *catalog,
                               const struct awl_model *model);

#endif
