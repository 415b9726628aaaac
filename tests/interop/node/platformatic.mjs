import zlib from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Consumer, Producer, ConfigResourceTypes } from '@platformatic/kafka';
import { bytes, text, once, signal, LONG_MS } from './records.mjs';

export default (bootstrapBrokers) => {
  const base = (clientId) => ({ clientId, bootstrapBrokers, retries: 5, retryDelay: 100, autocreateTopics: false, connectTimeout: LONG_MS, requestTimeout: LONG_MS });
  const producerFor = once((compression, idempotent) => new Producer({ ...base('platformatic'), idempotent, compression, acks: -1 }));
  const members = new Map();
  const admin = new Admin(base('platformatic-admin'));

  const record = (message) => ({
    o: Number(message.offset), k: text(message.key), v: text(message.value),
    h: [...message.headers].map(([name, value]) => [text(name), text(value)]).map(([name, value]) => [Buffer.from(name, 'base64').toString(), value]),
    t: Number(message.timestamp),
  });

  const start = async (group, topic, sessionTimeout, onRecord, onEnd = () => {}) => {
    const consumer = new Consumer({
      ...base('platformatic'), groupId: group, sessionTimeout, rebalanceTimeout: LONG_MS, heartbeatInterval: 300, maxWaitTime: 200, autocommit: 100,
    });
    const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest' });
    stream.on('data', onRecord);
    stream.on('error', (error) => {
      console.error(error, ...(error.errors ?? []));
      onEnd();
    });
    return { consumer, stream };
  };

  return {
    traits: {
      client: '@platformatic/kafka',
      codecs: ['none', 'gzip', 'snappy', 'lz4', ...(zlib.zstdCompressSync ? ['zstd'] : [])],
      nullHeaders: true,
      duplicateHeaders: false, // headers are a map
      framedSnappy: false,
    },

    async produce({ topic, partition, codec, idempotent, records }) {
      await producerFor(codec, idempotent).send({
        messages: records.map((r) => ({
          topic, partition, key: bytes(r.k), value: bytes(r.v), timestamp: BigInt(r.t),
          headers: new Map(r.h.map(([name, value]) => [Buffer.from(name), bytes(value)])),
        })),
      });
    },

    async consume({ topic, group, count }) {
      const read = [];
      const done = signal();
      const { consumer, stream } = await start(group, topic, LONG_MS, (message) => {
        if (read.length < count && read.push(record(message)) === count) done.resolve();
      });
      await done.promise;
      await stream.close();
      await consumer.close(true);
      return read;
    },

    async join({ group, topic, member, session }) {
      const mine = { received: [], topic, isLeaving: false };
      const begin = async () => {
        const take = (message) => mine.received.push([message.partition, Number(message.offset), text(message.value)]);
        Object.assign(mine, await start(group, topic, session, take, beginAgain));
      };

      // After a few tries this client ends a stream that has lost its broker: what it is for begins another one.
      const beginAgain = async () => {
        await mine.consumer.close(true).catch(() => {});
        for (let hasBegun = mine.isLeaving; !hasBegun;) {
          hasBegun = await begin().then(() => true, () => sleep(200));
        }
      };
      await begin();
      members.set(member, mine);
    },

    view: ({ member }) => {
      const { consumer, received, topic } = members.get(member);
      return { assigned: consumer.assignments?.find((one) => one.topic === topic)?.partitions ?? [], received };
    },

    async leave({ member }) {
      const mine = members.get(member);
      mine.isLeaving = true;
      const { consumer, stream, received } = mine;
      const next = new Map(received.map(([partition, offset]) => [partition, offset + 1]));
      await stream.close();
      await consumer.close(true);
      members.delete(member);
      return [...next];
    },

    createTopic: ({ topic, partitions, configs }) =>
      admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: Object.entries(configs).map(([name, value]) => ({ name, value })) }),

    deleteTopic: ({ topic }) => admin.deleteTopics({ topics: [topic] }),

    topics: () => admin.listTopics(),

    partitions: async ({ topic }) => (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic).partitions.length,

    async topicConfig({ topic, name }) {
      const [found] = await admin.describeConfigs({ resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configurationKeys: [name] }] });
      return found.configs.find((one) => one.name === name).value;
    },

    async offsets({ topic, timestamp }) {
      const at = async (time) => {
        const [found] = await admin.listOffsets({ topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: BigInt(time) }] }] });
        return Number(found.partitions[0].offset);
      };
      return { low: await at(-2), high: await at(-1), at: await at(timestamp) };
    },

    groups: async () => [...(await admin.listGroups()).keys()],

    groupMembers: async ({ group }) => (await admin.describeGroups({ groups: [group] })).get(group).members.size,

    async committed({ group, topic, partition }) {
      const [found] = await admin.listConsumerGroupOffsets({ groups: [group] });
      const one = found.topics.find((t) => t.name === topic)?.partitions.find((p) => p.partitionIndex === partition);
      return Number(one?.committedOffset ?? -1);
    },

    deleteGroup: ({ group }) => admin.deleteGroups({ groups: [group] }),
  };
};
