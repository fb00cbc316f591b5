// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
// A Java program for the tools to trace: for each line it calls methods, starts threads and collects garbage.
public class Work {
	static final int ROUNDS = 10;

	static int step(int depth) {
		return depth == 0 ? 0 : 1 + step(depth - 1);
	}

	public static void main(String[] arguments) throws Exception {
		System.out.println("pid " + ProcessHandle.current().pid());
		while (System.in.read() >= 0) {
			for (int round = 0; round < ROUNDS; round++) {
				step(5);
				Thread thread = new Thread(() -> step(1), "worker");
				thread.start();
				thread.join();
				System.gc();
			}
			System.out.println("done");
		}
	}
}
