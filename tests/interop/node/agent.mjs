// Lets a test drive a Kafka client: a command a line on stdin as JSON, an answer a line on stdout behind "@".
// node agent.mjs <the driver's file> <bootstrap servers>
import { createInterface } from 'node:readline';

const [driverFile, bootstrapServers] = process.argv.slice(2);
console.log = console.info = console.debug = console.error; // what a client prints itself is not an answer

const answer = (message) => process.stdout.write(`@${JSON.stringify(message, (_, value) => (typeof value === 'bigint' ? Number(value) : value))}\n`);
process.on('unhandledRejection', (error) => console.error('unhandled:', error));

const { default: createDriver } = await import(driverFile);
const driver = await createDriver(bootstrapServers.split(','));
answer({ id: 0, result: driver.traits });

for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, ...args } = JSON.parse(line);
  const work = driver[op] ? Promise.resolve().then(() => driver[op](args)) : Promise.reject(new Error(`${driverFile} has no ${op}`));
  work.then(
    (result) => answer({ id, result: result ?? null }),
    (error) => answer({ id, error: [error, ...(error?.errors ?? [])].map((one) => one?.stack ?? one).join('\n') }),
  );
}
process.exit(0);
