/* ration.h - the part of a core that the system grants this process. */
#ifndef AWL_HTTP_RATION_H
#define AWL_HTTP_RATION_H

/* 0 to 1, the least that is said by: the CPU quotas of the process's cgroup and of those
 * around it (version 1 and 2; `proc` is "/proc/self", where `cgroup` and `mountinfo` tell
 * which these are), and the memory of a Lambda function, to which its CPU is in
 * proportion. 1 if nobody rations it, or where that cannot be seen. */
double awl_ration(const char *proc);

#endif
