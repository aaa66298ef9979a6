/* compiler.h - what the files of the model compiler share.
 *
 * One part of the pack is made at a time: its sections grow in buffers, and are written
 * behind the other parts when it is whole. Functions return AWL_OK or leave the reason
 * in the compiler's `err`. */
#ifndef AWL_MODEL_COMPILER_H
#define AWL_MODEL_COMPILER_H

#include "base/buf.h"
#include "model/format.h"
#include "model/tree.h"

/* From one number to another. */
struct awl_idmap {
    uint32_t *pairs; /* key, value; key AWL_MODEL_NONE is free */
    uint32_t count;
    uint32_t cap; /* a power of two, or 0 */
};

/* Clearing keeps the memory. Putting replaces the value of a key: AWL_OK or AWL_ENOMEM.
 */
void awl_idmap_release(struct awl_idmap *map);
void awl_idmap_clear(struct awl_idmap *map);
enum awl_rc awl_idmap_put(struct awl_idmap *map, uint32_t key, uint32_t value);
/* The value, or AWL_MODEL_NONE. */
uint32_t awl_idmap_get(const struct awl_idmap *map, uint32_t key);

struct awl_compiler {
    struct awl_buf sections[AWL_PACK_SECTIONS]; /* of the part that is made */
    struct awl_error *err;
    enum awl_rc rc; /* the part's first failure of interning: out of memory, too long */

    uint32_t *interned; /* open addressing: string offsets, 0 is free */
    uint32_t interned_count;
    uint32_t interned_cap;
    struct awl_idmap blocks; /* hash of a block of words -> its index */

    struct awl_buf parts;    /* those that are whole */
    struct awl_buf services; /* uint32_t: where the services' begin among them */
    struct awl_buf data_version;
    uint32_t partitions;     /* where their part begins */
    uint32_t partition_list; /* word index therein, or none */

    /* the service that is being compiled */
    struct awl_arena arena;
    struct awl_pack_service service;
    struct awl_idmap shape_index;  /* name -> index within the service */
    struct awl_idmap keys;         /* member name -> key */
    const struct awl_tree **nodes; /* of the shapes, by index */
    uint8_t body_time_format;      /* enum awl_timestamp_format, where a model has none */
};

/* Sets the compiler's error and returns AWL_EPARSE. */
#define awl_compiler_fail(c, ...) awl_error_set((c)->err, AWL_EPARSE, __VA_ARGS__)

/* The first failure of what was added to the part: AWL_ENOMEM, or AWL_EPARSE for a text
 * that is too long. To be asked before what was added is read: it may not be there. */
enum awl_rc awl_compiler_rc(const struct awl_compiler *c);

/* The offset of a string in the part; equal strings, equal offsets. AWL_MODEL_NONE when
 * that fails. */
uint32_t awl_compiler_string(struct awl_compiler *c, awl_str text);
/* The same of what was written to a buffer, which is cleared. */
uint32_t awl_compiler_written(struct awl_compiler *c, struct awl_buf *text);
/* The same, but AWL_MODEL_NONE for "" or for a node that is no string. */
uint32_t awl_compiler_string_of(struct awl_compiler *c, const struct awl_tree *node);
/* A list of strings as one, with commas; AWL_MODEL_NONE for an empty one. */
uint32_t awl_compiler_joined(struct awl_compiler *c, const struct awl_tree *list);
/* The string at an offset. Valid until the next one is added. */
awl_str awl_compiler_text(const struct awl_compiler *c, uint32_t offset);

/* How many elements a section has so far. */
uint32_t awl_compiler_count(const struct awl_compiler *c, enum awl_pack_section section);

/* Appends words and returns their index; with `share`, equal blocks are kept once. */
uint32_t awl_compiler_words(struct awl_compiler *c, const uint32_t *words, size_t count,
                            bool share);

/* A small growing list of words; free `words` through awl_words_release. */
struct awl_words {
    struct awl_buf buf;
};
void awl_words_init(struct awl_words *words);
void awl_words_release(struct awl_words *words);
void awl_words_add(struct awl_words *words, uint32_t word);
uint32_t awl_words_count(const struct awl_words *words);
/* Moves the list into the section; the index, or AWL_MODEL_NONE on failure. */
uint32_t awl_words_finish(struct awl_words *words, struct awl_compiler *c, bool share);

/* "BucketExists" -> the offset of "bucket_exists". */
uint32_t awl_compiler_snake(struct awl_compiler *c, awl_str name);

/* The parts, one file each. All add to c->service. */
enum awl_rc awl_compile_metadata(struct awl_compiler *c, const struct awl_tree *model);
enum awl_rc awl_compile_shapes(struct awl_compiler *c, const struct awl_tree *model);
enum awl_rc awl_compile_operations(struct awl_compiler *c, const struct awl_tree *model);
enum awl_rc awl_compile_rules(struct awl_compiler *c, const struct awl_tree *rules);
enum awl_rc awl_compile_paginators(struct awl_compiler *c,
                                   const struct awl_tree *paginators);
enum awl_rc awl_compile_waiters(struct awl_compiler *c, const struct awl_tree *waiters);
enum awl_rc awl_compile_partitions(struct awl_compiler *c,
                                   const struct awl_tree *partitions);

/* A constant of JSON as an expression (string, boolean, array of strings), or
 * AWL_MODEL_NONE for anything else. */
uint32_t awl_compile_constant(struct awl_compiler *c, const struct awl_tree *node);

#endif
