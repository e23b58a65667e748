namespace MailOps.Relay.Delivery;

/// <summary>The relay is stopped, and nothing of the message was where it goes: it stays due as it was, and nobody has to be waited for.</summary>
internal sealed class DeliveryStoppedException(Exception? innerException = null) : OperationCanceledException("The delivery was stopped before it began.", innerException);
