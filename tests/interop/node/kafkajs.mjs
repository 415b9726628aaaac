import kafkajs from 'kafkajs';
import { createKafkaJsDriver } from './kafkajs-like.mjs';
import { LONG_MS } from './records.mjs';

const { Kafka, CompressionTypes, ConfigResourceTypes, Partitioners, logLevel } = kafkajs;

export default (brokers) => {
  const kafka = new Kafka({
    clientId: 'kafkajs', brokers, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 }, connectionTimeout: LONG_MS, requestTimeout: LONG_MS,
  });
  const assignments = new Map();
  return createKafkaJsDriver({
    traits: {
      client: 'kafkajs',
      codecs: ['none', 'gzip'], // the others need packages that are not part of it
      nullHeaders: false,
      codecPerSend: { none: CompressionTypes.None, gzip: CompressionTypes.GZIP },
      assigned: (consumer, topic) => assignments.get(consumer)?.[topic] ?? [],
    },
    makeProducer: (codec, idempotent) => kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent, maxInFlightRequests: idempotent ? 1 : undefined }),
    makeConsumer: (groupId, sessionTimeout) => {
      const consumer = kafka.consumer({ groupId, sessionTimeout, heartbeatInterval: 300, maxWaitTimeInMs: 200 });
      const subscribe = consumer.subscribe;
      consumer.subscribe = (options) => subscribe({ ...options, fromBeginning: true });
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => assignments.set(consumer, payload.memberAssignment));
      return consumer;
    },
    makeAdmin: () => kafka.admin(),
    committedOffset: async (admin, groupId, topic, partition) => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return Number(found.partitions.find((one) => one.partition === partition)?.offset ?? -1);
    },
    topicConfig: async (admin, name, config) => {
      const found = await admin.describeConfigs({ resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames: [config] }] });
      return found.resources[0].configEntries.find((entry) => entry.configName === config).configValue;
    },
  });
};
