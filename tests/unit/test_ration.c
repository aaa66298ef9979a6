#include "http/ration.h"

#include "folder.h"
#include "test.h"

/* A process's /proc and the hierarchies of cgroups that it sees. */
struct host {
    struct folder folder;
    char mounts[1024];
};

static void host_init(struct host *host)
{
    unsetenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
    folder_init(&host->folder);
    host->mounts[0] = '\0';
    put_file(&host->folder, "mountinfo", "");
}

static void mount(struct host *host, const char *root, const char *at, const char *type)
{
    size_t len = strlen(host->mounts);
    snprintf(host->mounts + len, sizeof(host->mounts) - len,
             "36 35 0:31 %s %s/%s rw,relatime shared:9 - %s\n", root, host->folder.root,
             at, type);
    put_file(&host->folder, "mountinfo", host->mounts);
}

static void check_percent(struct host *host, int percent)
{
    CHECK_INT(awl_ration(host->folder.root) * 100 + 0.5, percent);
    folder_remove(&host->folder);
}

TEST(a_process_in_no_cgroup_has_a_whole_core)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    check_percent(&host, 100);
}

TEST(the_quota_of_a_cgroup_is_the_ration)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    mount(&host, "/", "all", "cgroup2 cgroup2 rw,nsdelegate");
    put_file(&host.folder, "cgroup", "0::/app\n");
    put_file(&host.folder, "all/app/cpu.max", "25000 100000\n");
    check_percent(&host, 25);
}

TEST(so_is_that_of_version_1_under_any_set_of_controllers)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    mount(&host, "/", "set", "cgroup cgroup rw,cpuset");
    mount(&host, "/", "cpu", "cgroup cgroup rw,cpuacct,cpu");
    put_file(&host.folder, "cgroup", "3:cpuset:/x\n1:cpuacct,cpu:/app\n0::/\n");
    put_file(&host.folder, "set/x/cpu.cfs_quota_us", "1000\n");
    put_file(&host.folder, "set/x/cpu.cfs_period_us", "100000\n");
    put_file(&host.folder, "cpu/app/cpu.cfs_quota_us", "7000\n");
    put_file(&host.folder, "cpu/app/cpu.cfs_period_us", "100000\n");
    check_percent(&host, 7);
}

TEST(the_least_quota_counts_of_those_that_a_process_is_in)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    mount(&host, "/", "all", "cgroup2 cgroup2 rw");
    put_file(&host.folder, "cgroup", "0::/slice/pod/app\n");
    put_file(&host.folder, "all/slice/cpu.max", "400000 100000\n");
    put_file(&host.folder, "all/slice/pod/cpu.max", "50000 100000\n");
    put_file(&host.folder, "all/slice/pod/app/cpu.max", "max 100000\n");
    put_file(&host.folder, "all/slice/other/cpu.max", "1000 100000\n");
    check_percent(&host, 50);
}

TEST(a_container_sees_its_own_cgroup_as_the_root)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    mount(&host, "/docker/1f", "cpu", "cgroup cgroup rw,cpu");
    put_file(&host.folder, "cgroup", "1:cpu:/docker/1f\n");
    put_file(&host.folder, "cpu/cpu.cfs_quota_us", "30000\n");
    put_file(&host.folder, "cpu/cpu.cfs_period_us", "100000\n");
    check_percent(&host, 30);
}

TEST(a_cgroup_beside_that_of_the_mount_is_not_below_it)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    mount(&host, "/app", "cpu", "cgroup cgroup rw,cpu");
    put_file(&host.folder, "cgroup", "1:cpu:/apple\n");
    put_file(&host.folder, "cpule/cpu.cfs_quota_us", "1000\n");
    put_file(&host.folder, "cpule/cpu.cfs_period_us", "100000\n");
    put_file(&host.folder, "cpu/cpu.cfs_quota_us", "1000\n");
    put_file(&host.folder, "cpu/cpu.cfs_period_us", "100000\n");
    check_percent(&host, 100);
}

TEST(names_may_have_blanks_and_backslashes)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    mount(&host, "/my\\040pods", "c\\134pu\\0401", "cgroup2 cgroup2 rw");
    put_file(&host.folder, "cgroup", "0::/my pods/a b\\x2d c\n");
    put_file(&host.folder, "c\\pu 1/a b\\x2d c/cpu.max", "20000 100000\n");
    check_percent(&host, 20);
}

TEST(what_is_no_quota_is_none)
{
    UNUSED_STATE;
    static const char *const texts[] = {"",         "\n",        "max",  "0 100000",
                                        "10000 0",  "-1 100000", "1000", "nan 1000",
                                        "10 -1000", "inf 1000",  "x"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct host host;
        host_init(&host);
        mount(&host, "/", "all", "cgroup2 cgroup2 rw");
        put_file(&host.folder, "cgroup", "0::/app\n");
        put_file(&host.folder, "all/app/cpu.max", texts[i]);
        check_percent(&host, 100);
    }
}

TEST(a_mount_behind_one_with_a_line_without_end_is_found)
{
    UNUSED_STATE;
    struct host host;
    char overlay[20000];
    host_init(&host);
    mount(&host, "/", "all", "cgroup2 cgroup2 rw");
    memset(overlay, 'l', sizeof(overlay));
    snprintf(overlay + sizeof(overlay) - sizeof(host.mounts) - 1, sizeof(host.mounts) + 1,
             "\n%s", host.mounts);
    put_file(&host.folder, "mountinfo", overlay);
    put_file(&host.folder, "cgroup", "0::/app\n");
    put_file(&host.folder, "all/app/cpu.max", "5000 100000\n");
    check_percent(&host, 5);
}

TEST(no_limit_and_several_cores_are_a_whole_one)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    mount(&host, "/", "cpu", "cgroup cgroup rw,cpu");
    mount(&host, "/", "all", "cgroup2 cgroup2 rw");
    put_file(&host.folder, "cgroup", "1:cpu:/\n0::/\n");
    put_file(&host.folder, "cpu/cpu.cfs_quota_us", "-1\n");
    put_file(&host.folder, "cpu/cpu.cfs_period_us", "100000\n");
    put_file(&host.folder, "all/cpu.max", "200000 100000\n");
    check_percent(&host, 100);
}

TEST(a_lambda_function_has_cpu_in_proportion_to_its_memory)
{
    UNUSED_STATE;
    struct host host;
    host_init(&host);
    setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512", 1);
    check_percent(&host, 29);
    host_init(&host);
    setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3008", 1);
    check_percent(&host, 100);
    unsetenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
}

TEST_MAIN(RUN(a_process_in_no_cgroup_has_a_whole_core),
          RUN(the_quota_of_a_cgroup_is_the_ration),
          RUN(so_is_that_of_version_1_under_any_set_of_controllers),
          RUN(the_least_quota_counts_of_those_that_a_process_is_in),
          RUN(a_container_sees_its_own_cgroup_as_the_root),
          RUN(a_cgroup_beside_that_of_the_mount_is_not_below_it),
          RUN(names_may_have_blanks_and_backslashes), RUN(what_is_no_quota_is_none),
          RUN(a_mount_behind_one_with_a_line_without_end_is_found),
          RUN(no_limit_and_several_cores_are_a_whole_one),
          RUN(a_lambda_function_has_cpu_in_proportion_to_its_memory))
