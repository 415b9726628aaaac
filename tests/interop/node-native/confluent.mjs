import { createRequire } from 'node:module';
import { createKafkaJsDriver } from '../node/kafkajs-like.mjs';

const { Kafka, logLevel } = createRequire(import.meta.url)('@confluentinc/kafka-javascript').KafkaJS;

export default (brokers) => {
  const kafka = new Kafka({ kafkaJS: { brokers, clientId: 'confluent-js', logLevel: logLevel.NOTHING } });
  return createKafkaJsDriver({
    traits: {
      client: '@confluentinc/kafka-javascript',
      codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
      nullHeaders: false,
      empties: false, // it sends null for an empty buffer
      configs: false, // no call for it
      assigned: (consumer, topic) => consumer.assignment().filter((one) => one.topic === topic).map((one) => one.partition),
    },
    makeProducer: (codec, idempotent) => kafka.producer({
      kafkaJS: { compression: codec, idempotent, acks: -1 },
      'linger.ms': 20,
    }),
    makeConsumer: (groupId, sessionTimeout) => kafka.consumer({
      kafkaJS: { groupId, fromBeginning: true, autoCommit: true, autoCommitInterval: 200 },
      'session.timeout.ms': sessionTimeout,
      'heartbeat.interval.ms': 300,
      'fetch.wait.max.ms': 200,
    }),
    makeAdmin: () => kafka.admin(),
    committedOffset: async (admin, groupId, topic, partition) => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [{ topic, partitions: [partition] }] });
      return Number(found?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
    },
  });
};
