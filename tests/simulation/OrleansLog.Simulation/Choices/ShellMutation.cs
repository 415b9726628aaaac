namespace OrleansLog.Simulation;

/// <summary>Rules of the shells broken on purpose: what Core cannot know, so that no mutant of its text breaks it. Each has to be noticed.</summary>
internal enum ShellMutation
{
    /// <summary>Nothing is broken.</summary>
    None,

    /// <summary>A broker does not say that it may have lost records.</summary>
    ForgetPowerLoss,

    /// <summary>A broker acts on metadata from before its own registration.</summary>
    ActBeforeRegistration,

    /// <summary>A controller answers before its decision is persisted.</summary>
    AnswerBeforePersisting,

    /// <summary>A follower cuts its log to its high watermark when the leader changes.</summary>
    CutToHighWatermark,

    /// <summary>A write is taken for a sync.</summary>
    TakeWritesForSyncs,

    /// <summary>A consumer is shown what is not committed yet.</summary>
    ShowUncommitted,
}
