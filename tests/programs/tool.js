// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
// Worker threads, children, a server and files in node. Prints what it saw.
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const child = require('child_process');
const fs = require('fs');
const http = require('http');

async function main() {
	const sums = [1000, 2000, 3000].map(n => new Promise((done, fail) => {
		new Worker(__filename, { workerData: n }).on('message', done).on('error', fail);
	}));
	console.log('workers', await Promise.all(sums));

	console.log('sync', child.execSync('echo from a child').toString().trim());
	console.log('spawn', await new Promise(done => child.spawn('sh', ['-c', 'exit 3']).on('exit', done)));
	console.log('killed', await new Promise(done => {
		const sleeper = child.spawn('sleep', ['60']);
		sleeper.on('exit', (code, signal) => done(signal));
		sleeper.kill();
	}));

	const server = http.createServer((request, response) => response.end(request.url));
	await new Promise(done => server.listen(0, '127.0.0.1', done));
	const get = n => new Promise((done, fail) => http.get({ port: server.address().port, path: '/' + n }, response => {
		let body = '';
		response.on('data', data => body += data).on('end', () => done(body.length));
	}).on('error', fail));
	console.log('server', (await Promise.all([...Array(100).keys()].map(get))).reduce((a, b) => a + b));
	server.close();

	await fs.promises.writeFile('file', 'x'.repeat(100000));
	console.log('file', (await fs.promises.readFile('file')).length);
}

if (isMainThread)
	main();
else
	parentPort.postMessage([...Array(workerData).keys()].reduce((a, b) => a + b));
