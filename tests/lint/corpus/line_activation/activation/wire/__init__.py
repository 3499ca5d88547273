from activation.wire.olt import Olt, OltSession
