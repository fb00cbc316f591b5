// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "insn_flow.h"

#include <stdlib.h>
#include <string.h>

enum { JUMP_LONG = BPF_JMP32 | BPF_JA }; /* a jump by imm, Linux 6.6 */

struct walk {
	const struct insn_flow *flow;
	const struct bpf_insn *insns;
	uint32_t cnt;
	void *data;
	char *states; /* before each instruction */
	char *now;    /* the state on the way from one to the next, and room for a second */
	bool *reached, *queued;
	uint32_t *todo; /* instructions to look at again, each at most once */
	uint32_t todo_cnt;
};

static bool flow_to(struct walk *w, int64_t index, const void *state)
{
	const size_t size = w->flow->state_size;
	char *known;

	if (index < 0 || index >= w->cnt)
		return false;
	known = w->states + (size_t)index * size;
	if (!w->reached[index])
		memcpy(known, state, size);
	else if (!w->flow->join(known, state))
		return true;
	w->reached[index] = true;
	if (!w->queued[index]) {
		w->queued[index] = true;
		w->todo[w->todo_cnt++] = (uint32_t)index;
	}
	return true;
}

static bool flow_on_branch(struct walk *w, uint32_t index, bool taken)
{
	const struct bpf_insn *insn = &w->insns[index];
	char *state = w->now + w->flow->state_size;

	memcpy(state, w->now, w->flow->state_size);
	if (w->flow->branch)
		w->flow->branch(insn, taken, state);
	return flow_to(w, (int64_t)index + 1 + (taken ? insn->off : 0), state);
}

static bool is_jump(const struct bpf_insn *insn)
{
	return (BPF_CLASS(insn->code) == BPF_JMP || BPF_CLASS(insn->code) == BPF_JMP32) &&
	       BPF_OP(insn->code) != BPF_CALL && BPF_OP(insn->code) != BPF_EXIT;
}

static bool flow_from(struct walk *w, uint32_t index)
{
	const struct bpf_insn *insn = &w->insns[index];

	if (insn->dst_reg >= MAX_BPF_REG || insn->src_reg >= MAX_BPF_REG)
		return false; /* the kernel will refuse it */
	memcpy(w->now, w->states + (size_t)index * w->flow->state_size, w->flow->state_size);
	if (insn->code == (BPF_JMP | BPF_JA))
		return flow_to(w, (int64_t)index + 1 + insn->off, w->now);
	if (insn->code == JUMP_LONG)
		return flow_to(w, (int64_t)index + 1 + insn->imm, w->now);
	if (is_jump(insn)) /* BPF_JA by a register: Linux 6.19 */
		return BPF_OP(insn->code) != BPF_JA && flow_on_branch(w, index, true) &&
		       flow_on_branch(w, index, false);
	if (!w->flow->pass(insn, w->now, w->data))
		return false;
	return insn_is_exit(insn) || flow_to(w, (int64_t)index + (insn_is_wide(insn) ? 2 : 1), w->now);
}

bool insn_flow(const struct insn_flow *flow, const struct bpf_insn *insns, uint32_t cnt, const void *start,
	       void *data)
{
	struct walk w = {
		.flow = flow,
		.insns = insns,
		.cnt = cnt,
		.data = data,
		.states = malloc((cnt + (size_t)2) * flow->state_size),
		.reached = calloc(cnt, sizeof(*w.reached)),
		.queued = calloc(cnt, sizeof(*w.queued)),
		.todo = malloc(cnt * sizeof(*w.todo)),
	};
	bool followed = cnt && w.states && w.reached && w.queued && w.todo;

	if (followed) {
		w.now = w.states + cnt * flow->state_size;
		followed = flow_to(&w, 0, start);
	}
	while (followed && w.todo_cnt) {
		uint32_t index = w.todo[--w.todo_cnt];

		w.queued[index] = false;
		followed = flow_from(&w, index);
	}
	free(w.states);
	free(w.reached);
	free(w.queued);
	free(w.todo);
	return followed;
}
