#include "wire/problem.h"

#include <inttypes.h>
#include <stdio.h>

#define NAMES_TOLD_MAX 12 /* structures with more members do not list them all */

static void words_addv(struct awl_note *words, const char *format, va_list args)
{
    size_t room = words->cap - words->len;
    int wanted = vsnprintf(words->ptr + words->len, room, format, args);
    if (wanted > 0)
        words->len += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void awl_note_add(struct awl_note *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    words_addv(words, format, args);
    va_end(args);
}

static bool is_plain_name(awl_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!awl_char_is_alnum(name.ptr[i]) && name.ptr[i] != '_')
            return false;
    return name.len > 0 && !awl_char_is_digit(name.ptr[0]);
}

static void add_name(struct awl_note *words, awl_str name, bool first)
{
    if (is_plain_name(name))
        awl_note_add(words, "%s%.*s", first ? "" : ".", STR_ARG(name));
    else
        awl_note_add(words, "[\"%.*s\"]", STR_ARG(name));
}

void awl_note_add_path(struct awl_note *words, const struct awl_model *model,
                       const struct awl_path *path)
{
    if (path == NULL)
        return;
    bool first = path->up == NULL;
    awl_note_add_path(words, model, path->up);
    if (path->index > 0)
        awl_note_add(words, "[%" PRIu64 "]", path->index);
    else if (path->member != NULL)
        add_name(words, awl_model_str(model, path->member->name), first);
    else
        add_name(words, path->key, first);
}

void awl_problems_init(struct awl_problems *problems, const struct awl_model *model)
{
    problems->model = model;
    problems->count = 0;
    problems->text[0] = '\0';
    problems->words = (struct awl_note){problems->text, 0, sizeof(problems->text)};
}

/* Starts the next problem; false when enough has been said. */
static bool next(struct awl_problems *problems, const struct awl_path *path)
{
    if (++problems->count > AWL_PROBLEMS_MAX)
        return false;
    if (problems->count > 1)
        awl_note_add(&problems->words, "\n  ");
    if (path != NULL) {
        awl_note_add_path(&problems->words, problems->model, path);
        awl_note_add(&problems->words, ": ");
    }
    return true;
}

void awl_problems_add(struct awl_problems *problems, const struct awl_path *path,
                      const char *format, ...)
{
    if (!next(problems, path))
        return;
    va_list args;
    va_start(args, format);
    words_addv(&problems->words, format, args);
    va_end(args);
}

/* The member whose name is least unlike, if it is near enough to be meant. */
static awl_str nearest(const struct awl_model *model, const struct awl_shape *shape,
                       awl_str name)
{
    const struct awl_member *members = awl_model_members(model, shape);
    awl_str best = {NULL, 0};
    unsigned least = (unsigned)(name.len < 30 ? name.len / 3 + 1 : 10);
    for (uint16_t i = 0; i < shape->member_count; i++) {
        awl_str candidate = awl_model_str(model, members[i].name);
        unsigned distance = awl_str_distance(candidate, name);
        if (distance > least || (best.ptr != NULL && distance == least))
            continue;
        best = candidate;
        least = distance;
    }
    return best;
}

static void add_names(struct awl_note *words, const struct awl_model *model,
                      const struct awl_shape *shape)
{
    const struct awl_member *members = awl_model_members(model, shape);
    for (uint16_t i = 0; i < shape->member_count; i++)
        awl_note_add(words, "%s%.*s", i == 0 ? "; valid: " : ", ",
                     STR_ARG(awl_model_str(model, members[i].name)));
}

void awl_problems_unknown(struct awl_problems *problems, const struct awl_path *path,
                          const struct awl_shape *shape, awl_str name)
{
    struct awl_path here = {.up = path, .key = name};
    if (!next(problems, &here))
        return;
    struct awl_note *words = &problems->words;
    awl_note_add(words, "no such member");
    awl_str near = nearest(problems->model, shape, name);
    if (near.ptr != NULL)
        awl_note_add(words, ", did you mean '%.*s'?", STR_ARG(near));
    else if (shape->member_count == 0)
        awl_note_add(words, ", it takes none");
    else if (shape->member_count <= NAMES_TOLD_MAX)
        add_names(words, problems->model, shape);
}

enum awl_rc awl_problems_report(const struct awl_problems *problems, const char *what,
                                const struct awl_operation *operation,
                                struct awl_error *err)
{
    if (problems->count == 0)
        return AWL_OK;
    char more[48] = "";
    if (problems->count > AWL_PROBLEMS_MAX)
        snprintf(more, sizeof(more), "\n  and %u more",
                 problems->count - AWL_PROBLEMS_MAX);
    const struct awl_model *model = problems->model;
    awl_str name = operation != NULL ? awl_model_operation_name(model, operation)
                                     : (awl_str){NULL, 0};
    return awl_error_set(err, AWL_EINPUT, "invalid %s of %.*s%s%.*s:%s%s%s", what,
                         STR_ARG(model->name), name.len > 0 ? ":" : "", STR_ARG(name),
                         problems->count > 1 ? "\n  " : " ", problems->text, more);
}
