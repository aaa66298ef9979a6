/* Interned strings, shared words and small maps: what all parts stand on. */
#include "model/compiler.h"

#include <stdlib.h>

#include "model/compile.h"
#include "model/pack.h"
#include "model/snake.h"

void awl_idmap_release(struct awl_idmap *map)
{
    free(map->pairs);
    *map = (struct awl_idmap){NULL, 0, 0};
}

void awl_idmap_clear(struct awl_idmap *map)
{
    if (map->pairs != NULL)
        memset(map->pairs, 0xFF, (size_t)map->cap * 2 * sizeof(uint32_t));
    map->count = 0;
}

static uint32_t *idmap_slot(const struct awl_idmap *map, uint32_t key)
{
    uint32_t at = (uint32_t)(key * 0x9E3779B1u) >> 7;
    for (;; at++) {
        uint32_t *pair = &map->pairs[2 * (size_t)(at & (map->cap - 1))];
        if (pair[0] == key || pair[0] == AWL_MODEL_NONE)
            return pair;
    }
}

static enum awl_rc idmap_grow(struct awl_idmap *map)
{
    struct awl_idmap grown = {.cap = map->cap > 0 ? 2 * map->cap : 64};
    grown.pairs = malloc((size_t)grown.cap * 2 * sizeof(uint32_t));
    if (grown.pairs == NULL)
        return AWL_ENOMEM;
    awl_idmap_clear(&grown);
    grown.count = map->count;
    for (size_t i = 0; i < map->cap; i++) {
        const uint32_t *pair = &map->pairs[2 * i];
        if (pair[0] != AWL_MODEL_NONE)
            memcpy(idmap_slot(&grown, pair[0]), pair, 2 * sizeof(uint32_t));
    }
    free(map->pairs);
    *map = grown;
    return AWL_OK;
}

enum awl_rc awl_idmap_put(struct awl_idmap *map, uint32_t key, uint32_t value)
{
    if (2 * map->count >= map->cap && idmap_grow(map) != AWL_OK)
        return AWL_ENOMEM;
    uint32_t *pair = idmap_slot(map, key);
    map->count += pair[0] == AWL_MODEL_NONE;
    pair[0] = key;
    pair[1] = value;
    return AWL_OK;
}

uint32_t awl_idmap_get(const struct awl_idmap *map, uint32_t key)
{
    if (map->cap == 0 || key == AWL_MODEL_NONE)
        return AWL_MODEL_NONE;
    const uint32_t *pair = idmap_slot(map, key);
    return pair[0] == key ? pair[1] : AWL_MODEL_NONE;
}

awl_str awl_compiler_text(const struct awl_compiler *c, uint32_t offset)
{
    uint16_t len;
    if (offset == AWL_MODEL_NONE)
        return STR("");
    const char *blob = c->sections[AWL_PACK_STRINGS].ptr;
    memcpy(&len, blob + offset - sizeof(len), sizeof(len));
    return (awl_str){blob + offset, len};
}

/* Where the string stands or should stand in the table. */
static uint32_t *interned_slot(const struct awl_compiler *c, awl_str text)
{
    for (uint32_t at = awl_table_hash(text);; at++) {
        uint32_t *slot = &c->interned[at & (c->interned_cap - 1)];
        if (*slot == 0 || awl_str_eq(awl_compiler_text(c, *slot), text))
            return slot;
    }
}

static enum awl_rc interned_grow(struct awl_compiler *c)
{
    uint32_t *old = c->interned, cap = c->interned_cap;
    c->interned_cap = cap > 0 ? 2 * cap : 1024;
    c->interned = calloc(c->interned_cap, sizeof(uint32_t));
    if (c->interned == NULL) {
        c->interned = old;
        c->interned_cap = cap;
        return AWL_ENOMEM;
    }
    for (uint32_t i = 0; i < cap; i++)
        if (old[i] != 0)
            *interned_slot(c, awl_compiler_text(c, old[i])) = old[i];
    free(old);
    return AWL_OK;
}

enum awl_rc awl_compiler_rc(const struct awl_compiler *c)
{
    enum awl_rc rc = c->rc;
    for (size_t i = 0; rc == AWL_OK && i < AWL_PACK_SECTIONS; i++)
        rc = awl_buf_rc(&c->sections[i]);
    if (rc == AWL_ELIMIT)
        return awl_compiler_fail(c, "a text is too long");
    return rc == AWL_OK ? rc : awl_error_set(c->err, rc, "out of memory");
}

static uint32_t compiler_broken(struct awl_compiler *c, enum awl_rc rc)
{
    if (c->rc == AWL_OK)
        c->rc = rc;
    return AWL_MODEL_NONE;
}

uint32_t awl_compiler_string(struct awl_compiler *c, awl_str text)
{
    struct awl_buf *blob = &c->sections[AWL_PACK_STRINGS];
    if (text.len > UINT16_MAX)
        return compiler_broken(c, AWL_ELIMIT);
    if (2 * c->interned_count >= c->interned_cap && interned_grow(c) != AWL_OK)
        return compiler_broken(c, AWL_ENOMEM);
    uint32_t *slot = interned_slot(c, text);
    if (*slot != 0)
        return *slot;
    uint16_t len = (uint16_t)text.len;
    awl_buf_append(blob, &len, sizeof(len));
    uint32_t offset = (uint32_t)blob->len;
    awl_buf_append_str(blob, text);
    if (awl_buf_append_char(blob, '\0') != AWL_OK)
        return compiler_broken(c, awl_buf_rc(blob));
    *slot = offset;
    c->interned_count++;
    return offset;
}

uint32_t awl_compiler_written(struct awl_compiler *c, struct awl_buf *text)
{
    enum awl_rc rc = awl_buf_rc(text);
    uint32_t offset =
        rc == AWL_OK ? awl_compiler_string(c, awl_buf_str(text)) : compiler_broken(c, rc);
    awl_buf_clear(text);
    return offset;
}

uint32_t awl_compiler_string_of(struct awl_compiler *c, const struct awl_tree *node)
{
    awl_str text = awl_tree_text(node);
    return text.len > 0 ? awl_compiler_string(c, text) : AWL_MODEL_NONE;
}

uint32_t awl_compiler_count(const struct awl_compiler *c, enum awl_pack_section section)
{
    return (uint32_t)(c->sections[section].len / awl_pack_element_sizes[section]);
}

uint32_t awl_compiler_words(struct awl_compiler *c, const uint32_t *words, size_t count,
                            bool share)
{
    struct awl_buf *section = &c->sections[AWL_PACK_WORDS];
    uint32_t index = awl_compiler_count(c, AWL_PACK_WORDS);
    awl_str bytes = {(const char *)words, count * sizeof(uint32_t)};
    if (share && count > 0) {
        uint32_t hash = awl_table_hash(bytes) & 0x7FFFFFFF;
        uint32_t old = awl_idmap_get(&c->blocks, hash);
        if (old != AWL_MODEL_NONE && count <= index - old &&
            memcmp(section->ptr + old * sizeof(uint32_t), words, bytes.len) == 0)
            return old;
        if (awl_idmap_put(&c->blocks, hash, index) != AWL_OK)
            return compiler_broken(c, AWL_ENOMEM);
    }
    if (awl_buf_append_str(section, bytes) != AWL_OK)
        return compiler_broken(c, awl_buf_rc(section));
    return index;
}

void awl_words_init(struct awl_words *words)
{
    awl_buf_init(&words->buf, AWL_PACK_MAX);
}

void awl_words_release(struct awl_words *words)
{
    awl_buf_release(&words->buf);
}

void awl_words_add(struct awl_words *words, uint32_t word)
{
    awl_buf_append(&words->buf, &word, sizeof(word));
}

uint32_t awl_words_count(const struct awl_words *words)
{
    return (uint32_t)(words->buf.len / sizeof(uint32_t));
}

uint32_t awl_words_finish(struct awl_words *words, struct awl_compiler *c, bool share)
{
    uint32_t index = awl_buf_rc(&words->buf) != AWL_OK
                         ? compiler_broken(c, awl_buf_rc(&words->buf))
                         : awl_compiler_words(c, (const uint32_t *)words->buf.ptr,
                                              awl_words_count(words), share);
    awl_buf_clear(&words->buf);
    return index;
}

uint32_t awl_compiler_snake(struct awl_compiler *c, awl_str name)
{
    struct awl_buf snake;
    awl_buf_init(&snake, UINT16_MAX);
    enum awl_rc rc = awl_snake_append(&snake, name);
    uint32_t offset =
        rc == AWL_OK ? awl_compiler_written(c, &snake) : compiler_broken(c, rc);
    awl_buf_release(&snake);
    return offset;
}

uint32_t awl_compiler_joined(struct awl_compiler *c, const struct awl_tree *list)
{
    if (!awl_tree_is(list, AWL_TREE_ARRAY) || list->count == 0)
        return AWL_MODEL_NONE;
    struct awl_buf text;
    awl_buf_init(&text, UINT16_MAX);
    for (const struct awl_tree *item = list->child; item != NULL; item = item->next) {
        if (item != list->child)
            awl_buf_append_char(&text, ',');
        awl_buf_append_str(&text, awl_tree_text(item));
    }
    uint32_t offset = awl_compiler_written(c, &text);
    awl_buf_release(&text);
    return offset;
}
