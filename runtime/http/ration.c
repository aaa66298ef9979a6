#include "http/ration.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LEN 1023
#define PATH_FORMAT "%1023s"
#define REST_FORMAT "%1023[^\n]"
#define LINE_MAX_LEN 4096
#define LAMBDA_MB_OF_A_CORE 1769 /* Lambda's manual: there a function has one vCPU */

/* "cpu" in "cpu,cpuacct". */
static bool names_cpu(const char *list)
{
    while (*list != '\0') {
        size_t len = strcspn(list, ",:\n");
        if (len == 3 && memcmp(list, "cpu", 3) == 0)
            return true;
        list += len;
        if (*list != ',')
            return false;
        list++;
    }
    return false;
}

/* The numbers at the start of a file, as many as there are of two. */
static int read_numbers(const char *folder, const char *name, double numbers[2])
{
    char path[PATH_LEN + 64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    int count = fscanf(file, "%lf %lf", &numbers[0], &numbers[1]);
    fclose(file);
    return count;
}

/* What one cgroup grants, in cores. "max" or -1 of version 1 is no limit. */
static double quota_of(const char *folder)
{
    double quota[2] = {0, 0}, period[2] = {0, 0};
    if (read_numbers(folder, "cpu.max", quota) == 2)
        period[0] = quota[1];
    else if (read_numbers(folder, "cpu.cfs_quota_us", quota) == 1)
        read_numbers(folder, "cpu.cfs_period_us", period);
    return quota[0] > 0 && period[0] > 0 ? quota[0] / period[0] : 1;
}

/* Where the process is in a hierarchy: "/" and names. False: in none of that version. */
static bool find_path(const char *proc, bool unified, char path[PATH_LEN + 1])
{
    char name[PATH_LEN + 64], line[LINE_MAX_LEN];
    bool found = false;
    snprintf(name, sizeof(name), "%s/cgroup", proc);
    FILE *file = fopen(name, "re");
    while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
        const char *list = strchr(line, ':');
        const char *at = list != NULL ? strchr(list + 1, ':') : NULL;
        if (at == NULL || (unified ? list + 1 != at : !names_cpu(list + 1)))
            continue;
        found = sscanf(at + 1, REST_FORMAT, path) == 1;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* The kernel writes blanks, line breaks and backslashes of mountinfo as "\\040". */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++, to++) {
        *to = *from;
        if (*from != '\\' || strspn(from + 1, "01234567") < 3)
            continue;
        *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
        from += 3;
    }
    *to = '\0';
}

/* What is left of a path below a folder of its hierarchy, or NULL. */
static const char *below(const char *root, const char *path)
{
    size_t len = strcmp(root, "/") != 0 ? strlen(root) : 0;
    bool inside =
        strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == '\0');
    return inside ? path + len : NULL;
}

/* The least of a cgroup's quota and of those around it, as far as they are mounted. */
static double least_up_to(const char *mount, const char *path)
{
    char folder[2 * PATH_LEN + 2];
    double least = 1;
    snprintf(folder, sizeof(folder), "%s%s", mount, path);
    for (char *end = folder + strlen(folder); end != NULL;) {
        *end = '\0';
        double quota = quota_of(folder);
        least = quota < least ? quota : least;
        end = strrchr(folder + strlen(mount), '/');
    }
    return least;
}

static double of_mount(const char *proc, const char *line)
{
    char root[PATH_LEN + 1], mount[PATH_LEN + 1], path[PATH_LEN + 1];
    char type[32], options[256];
    const char *end = strstr(line, " - ");
    if (end == NULL || sscanf(end, " - %31s %*s %255s", type, options) != 2)
        return 1;
    bool unified = strcmp(type, "cgroup2") == 0;
    if (!unified && (strcmp(type, "cgroup") != 0 || !names_cpu(options)))
        return 1;
    if (sscanf(line, "%*s %*s %*s " PATH_FORMAT " " PATH_FORMAT, root, mount) != 2 ||
        !find_path(proc, unified, path))
        return 1;
    unescape(root);
    unescape(mount);
    const char *rest = below(root, path);
    return rest != NULL ? least_up_to(mount, rest) : 1;
}

static double of_lambda(void)
{
    const char *memory = getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
    double mb = memory != NULL ? strtod(memory, NULL) : 0;
    return mb > 0 ? mb / LAMBDA_MB_OF_A_CORE : 1;
}

double awl_ration(const char *proc)
{
    char name[PATH_LEN + 64], line[LINE_MAX_LEN];
    double least = of_lambda();
    snprintf(name, sizeof(name), "%s/mountinfo", proc);
    FILE *file = fopen(name, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        double ration = of_mount(proc, line);
        least = ration < least ? ration : least;
    }
    if (file != NULL)
        fclose(file);
    return least < 1 ? least : 1;
}
