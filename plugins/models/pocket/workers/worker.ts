/** A worker thread: does its share of each job in the order in which they come. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Message, Reply, WorkerSettings } from './jobs.ts'
import { Workshop } from './workshop.ts'

const port = parentPort
if (!port) throw new Error('worker.ts runs only as a worker thread')
const workshop = new Workshop((workerData as WorkerSettings).shape)
const reply = (message: Reply): void => port.postMessage(message)

port.on('message', ({ id, job }: Message) => {
  try {
    workshop.do(job, (part) => reply({ id, part }))
    reply({ id, done: true })
  } catch (error) {
    reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
})
