// Importing DeepSARSA brings the whole subject: environments, networks and random streams included.
@_exported public import SARSAEnvironments
@_exported public import SARSAFiles
@_exported public import SARSALinearAlgebra
@_exported public import SARSANetworks
@_exported public import SARSARandomSources
