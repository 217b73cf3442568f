import { main } from '../../core/cli.ts'

// The command line from the sources, as a process that tests start and kill.
await main(process.argv)
