// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the kernel says about the BPF links that this process holds. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "scenario.h"

#define MAX_LINKS              1024
/* From newer headers than Debian 12 has. */
#define LINK_TYPE_PERF_EVENT   7
#define LINK_TYPE_KPROBE_MULTI 8
#define LINK_TYPE_UPROBE_MULTI 12
#define BPF_FILE_SYSTEM        0xcafe4a11
#define KPROBE_MULTI_COUNT_AT  24
#define UPROBE_MULTI_COUNT_AT  52

struct links {
	int nr;
	__u32 ids[MAX_LINKS];
	int perf_event, uprobe_multi, kprobe_multi, others;
	int multi_probes, kernel_probes;
};

void settle(void)
{
	__u32 id;

	bpf_prog_get_next_id(0, &id);
}

void settle_unseen(void)
{
	usleep(150000);
	settle();
}

/* The root of a BPF file system that no path leads to: upshift's alone. */
static bool is_keeper(int fd)
{
	char name[64], path[8] = "";
	struct statfs fs;

	if (fstatfs(fd, &fs) || (unsigned int)fs.f_type != BPF_FILE_SYSTEM)
		return false;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return readlink(name, path, sizeof(path)) == 1 && *path == '/';
}

static bool is_link(int fd)
{
	char name[64], line[128];
	bool found = false;
	FILE *info;

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	info = fopen(name, "re");
	while (info && fgets(line, sizeof(line), info))
		if (!strncmp(line, "link_id:", 8))
			found = true;
	if (info)
		fclose(info);
	return found;
}

static bool known(const struct links *links, __u32 id)
{
	int i;

	for (i = 0; i < links->nr; i++)
		if (links->ids[i] == id)
			return true;
	return false;
}

/* The number of probes in a multi link; kernels before 6.6 and 6.8 do not say. */
static int multi_count(const void *info, size_t at)
{
	__u32 count;

	memcpy(&count, (const char *)info + at, sizeof(count));
	return count ? count : 1;
}

static void count_link(struct links *links, int fd)
{
	/* Larger than any bpf_link_info: this machine's headers may be older than its kernel. */
	char buffer[512] __attribute__((aligned(8))) = {};
	struct bpf_link_info *info = (void *)buffer;
	__u32 size = sizeof(buffer);

	if (bpf_obj_get_info_by_fd(fd, info, &size) || known(links, info->id) || links->nr == MAX_LINKS)
		return;
	links->ids[links->nr++] = info->id;
	if (info->type == LINK_TYPE_PERF_EVENT) {
		links->perf_event++;
	} else if (info->type == LINK_TYPE_UPROBE_MULTI) {
		links->uprobe_multi++;
		links->multi_probes += multi_count(buffer, UPROBE_MULTI_COUNT_AT);
	} else if (info->type == LINK_TYPE_KPROBE_MULTI) {
		links->kprobe_multi++;
		links->kernel_probes += multi_count(buffer, KPROBE_MULTI_COUNT_AT);
	} else {
		links->others++;
	}
}

/* Several fds can be one link. Returns the number of fds of any sort that are the tool's own. */
static int count_fds(struct links *links)
{
	struct dirent *entry;
	DIR *fds = opendir("/proc/self/fd");
	int nr = -1; /* not the directory itself */

	if (!fds)
		die("cannot read /proc/self/fd");
	while ((entry = readdir(fds))) {
		if (*entry->d_name == '.')
			continue;
		nr += !is_keeper(atoi(entry->d_name));
		if (links && is_link(atoi(entry->d_name)))
			count_link(links, atoi(entry->d_name));
	}
	closedir(fds);
	return nr;
}

int link_fds(void)
{
	struct dirent *entry;
	DIR *fds = opendir("/proc/self/fd");
	int nr = 0;

	while (fds && (entry = readdir(fds)))
		nr += *entry->d_name != '.' && is_link(atoi(entry->d_name));
	if (fds)
		closedir(fds);
	return nr;
}

int keeper_fd(void)
{
	struct dirent *entry;
	DIR *fds = opendir("/proc/self/fd");
	int found = -1;

	while (fds && found < 0 && (entry = readdir(fds)))
		if (*entry->d_name != '.' && is_keeper(atoi(entry->d_name)))
			found = atoi(entry->d_name);
	if (fds)
		closedir(fds);
	return found;
}

/*
 * "link perf_event=2", "link uprobe_multi=2", "link uprobe_multi=1/5" for five probes in one link, "link
 * none". The ids are for whoever wants to see that the links go away with the process.
 */
void say_links(void)
{
	struct links links = {};
	char text[128];
	size_t length = 0;
	int i;

	settle();
	count_fds(&links);
	for (i = 0; i < links.nr; i++)
		say("link-id %u", links.ids[i]);
	if (links.perf_event)
		length += sprintf(text + length, " perf_event=%d", links.perf_event);
	if (links.uprobe_multi)
		length += sprintf(text + length, " uprobe_multi=%d", links.uprobe_multi);
	if (links.multi_probes != links.uprobe_multi)
		length += sprintf(text + length, "/%d", links.multi_probes);
	if (links.kprobe_multi)
		length += sprintf(text + length, " kprobe_multi=%d", links.kprobe_multi);
	if (links.kernel_probes != links.kprobe_multi)
		length += sprintf(text + length, "/%d", links.kernel_probes);
	if (links.others)
		length += sprintf(text + length, " others=%d", links.others);
	say("link%s", length ? text : " none");
}

int links_open(void)
{
	struct links links = {};

	settle();
	count_fds(&links);
	return links.nr;
}

int fds_open(void)
{
	settle();
	return count_fds(NULL);
}
