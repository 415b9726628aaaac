// kafkajs, and the client of Confluent that has the same surface.
import { bytes, text, headerObject, headerList, once, signal, LONG_MS } from './records.mjs';

export const createKafkaJsDriver = ({ traits, makeProducer, makeConsumer, makeAdmin, committedOffset, topicConfig }) => {
  const members = new Map();
  const getAdmin = once(async () => {
    const admin = makeAdmin();
    await admin.connect();
    return admin;
  });

  const producerFor = once(async (codec, idempotent) => {
    const producer = makeProducer(codec, idempotent);
    await producer.connect();
    return producer;
  });

  const record = (message) => ({
    o: Number(message.offset), k: text(message.key), v: text(message.value), h: headerList(message.headers), t: Number(message.timestamp),
  });

  const startMember = async (group, topic, session, onRecord) => {
    const consumer = makeConsumer(group, session);
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await consumer.run({ eachMessage: async (one) => onRecord(one, consumer) });
    return consumer;
  };

  return {
    traits,

    async produce({ topic, partition, codec, idempotent, records }) {
      const producer = await producerFor(codec, idempotent);
      await producer.send({
        topic,
        ...(traits.codecPerSend ? { compression: traits.codecPerSend[codec] } : {}),
        messages: records.map((r) => ({ partition, key: bytes(r.k), value: bytes(r.v), headers: headerObject(r.h), timestamp: String(r.t) })),
      });
    },

    async consume({ topic, group, count }) {
      const read = [];
      const done = signal();
      const consumer = await startMember(group, topic, LONG_MS, ({ message }) => {
        if (read.length < count && read.push(record(message)) === count) done.resolve();
      });
      await done.promise;
      await consumer.disconnect();
      return read;
    },

    async join({ group, topic, member, session }) {
      const received = [];
      const consumer = await startMember(group, topic, session, ({ partition, message }) => {
        received.push([partition, Number(message.offset), text(message.value)]);
      });
      members.set(member, { consumer, received, assigned: () => traits.assigned(consumer, topic) });
    },

    view: ({ member }) => ({ assigned: members.get(member).assigned(), received: members.get(member).received }),

    async leave({ member }) {
      const { consumer, received } = members.get(member);
      const next = new Map(received.map(([partition, offset]) => [partition, offset + 1]));
      await consumer.disconnect();
      members.delete(member);
      return [...next];
    },

    async createTopic({ topic, partitions, configs }) {
      await (await getAdmin()).createTopics({
        topics: [{ topic, numPartitions: partitions, configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })) }],
      });
    },

    async deleteTopic({ topic }) {
      await (await getAdmin()).deleteTopics({ topics: [topic] });
    },

    topics: async () => (await getAdmin()).listTopics(),

    async partitions({ topic }) {
      const found = await (await getAdmin()).fetchTopicMetadata({ topics: [topic] });
      return (found.topics ?? found)[0].partitions.length;
    },

    topicConfig: async ({ topic, name }) => topicConfig(await getAdmin(), topic, name),

    async offsets({ topic, timestamp }) {
      const client = await getAdmin();
      const [all] = await client.fetchTopicOffsets(topic);
      const [at] = await client.fetchTopicOffsetsByTimestamp(topic, timestamp);
      return { low: Number(all.low), high: Number(all.high), at: Number(at.offset) };
    },

    groups: async () => (await (await getAdmin()).listGroups()).groups.map((group) => group.groupId),

    async groupMembers({ group }) {
      const found = await (await getAdmin()).describeGroups([group]);
      return found.groups[0].members.length;
    },

    committed: async ({ group, topic, partition }) => committedOffset(await getAdmin(), group, topic, partition),

    async deleteGroup({ group }) {
      await (await getAdmin()).deleteGroups([group]);
    },
  };
};
