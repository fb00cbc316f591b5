// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a compiler makes of reading registers, for upshift inspect. Never loaded, but they could be. The
 * context is an array, so that the 15th of its members is the same register whatever this machine's are.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum { R14 = 1, AX = 10, DX = 12, SI = 13, DI = 14 };

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct event {
	__u64 pid_tgid, first, second, time;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10);
	__type(key, __u64);
	__type(value, struct event);
} started SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 10);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

const volatile __u32 wanted_pid;
volatile __u64 number;

static __noinline __u64 in_a_function_of_its_own(const __u64 *ctx)
{
	return ctx[R14] + number;
}

static __noinline __u64 with_a_value(__u64 value)
{
	return value + number;
}

static long in_callback(__u32 index, void *data)
{
	const __u64 *ctx = *(const __u64 **)data;

	number += ctx[R14] + index;
	return 0;
}

SEC("kprobe")
int nothing(const __u64 *ctx)
{
	(void)ctx;
	number = bpf_get_current_pid_tgid();
	return 0;
}

SEC("kprobe")
int arguments_of_wanted(const __u64 *ctx)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct event event = { .pid_tgid = pid_tgid };

	if (wanted_pid && wanted_pid != pid_tgid >> 32)
		return 0;
	event.first = ctx[DI];
	event.second = ctx[SI];
	event.time = bpf_ktime_get_ns();
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	bpf_map_update_elem(&started, &pid_tgid, &event, BPF_ANY);
	return 0;
}

SEC("kretprobe")
int result_of_started(const __u64 *ctx)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct event *event = bpf_map_lookup_elem(&started, &pid_tgid), copy;

	if (!event)
		return 0;
	copy = *event;
	copy.second = ctx[AX];
	bpf_perf_event_output((void *)ctx, &events, BPF_F_CURRENT_CPU, &copy, sizeof(copy));
	bpf_map_delete_elem(&started, &pid_tgid);
	return 0;
}

SEC("kprobe")
int part_of_a_register(const __u64 *ctx)
{
	number = *(const volatile __u8 *)&ctx[DX] + *((const volatile __u16 *)&ctx[DI] + 1);
	return 0;
}

SEC("kprobe")
int callee_saved(const __u64 *ctx)
{
	number = ctx[R14];
	return 0;
}

SEC("kprobe")
int on_one_path(const __u64 *ctx)
{
	if (bpf_ktime_get_ns() & 1) {
		number = ctx[DI];
		bpf_get_prandom_u32();
	} else {
		number = ctx[R14];
		bpf_get_smp_processor_id();
	}
	return 0;
}

/* More than the five registers that survive a call. */
SEC("kprobe")
int spilled(const __u64 *ctx)
{
	__u64 a = bpf_ktime_get_ns(), b = bpf_ktime_get_ns(), c = bpf_ktime_get_ns(), d = bpf_ktime_get_ns();
	__u64 e = bpf_ktime_get_ns(), f = bpf_get_current_pid_tgid(), *value;

	value = bpf_map_lookup_elem(&started, &f);
	number = a ^ (b + (c ^ (d + (e ^ (f + (value ? *value : 0))))));
	number += ctx[DI];
	return 0;
}

SEC("kprobe")
int in_a_loop(const __u64 *ctx)
{
	for (int i = 0; i < 100; i++) {
		number += bpf_ktime_get_ns();
		if (number & 1)
			number += ctx[SI];
	}
	return 0;
}

SEC("kprobe")
int value_to_a_function(const __u64 *ctx)
{
	number = with_a_value(ctx[DI]) + ctx[SI];
	return 0;
}

SEC("kprobe")
int to_a_function(const __u64 *ctx)
{
	number = in_a_function_of_its_own(ctx);
	return 0;
}

SEC("kprobe")
int to_a_callback(const __u64 *ctx)
{
	bpf_loop(3, in_callback, &ctx, 0);
	return 0;
}

SEC("kprobe")
int read_as_memory(const __u64 *ctx)
{
	__u64 value;

	bpf_probe_read_kernel(&value, sizeof(value), ctx);
	number = value;
	return 0;
}

SEC("kprobe")
int stack(const __u64 *ctx)
{
	number = (__u64)bpf_get_stackid((void *)ctx, &stacks, 0) + ctx[DI];
	return 0;
}

/* What decides where a kprobe goes. */
SEC("kprobe/schedule+4")
int offset(const __u64 *ctx)
{
	return (int)ctx[DI];
}

SEC("kprobe/some:function")
int module(const __u64 *ctx)
{
	return (int)ctx[DI];
}

SEC("kprobe.single/schedule")
int single_kprobe(const __u64 *ctx)
{
	return (int)ctx[DI];
}

SEC("kprobe/there_is_no_such_function")
int missing(const __u64 *ctx)
{
	return (int)ctx[DI];
}

SEC("kprobe/wake_up_new_task")
int of_the_scheduler(const __u64 *ctx)
{
	return (int)ctx[DI];
}

SEC("ksyscall/openat")
int of_a_syscall(const __u64 *ctx)
{
	return (int)ctx[DI];
}

SEC("kprobe/schedule")
int overrides(void *ctx)
{
	bpf_override_return(ctx, 1);
	return 0;
}
